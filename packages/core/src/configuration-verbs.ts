import type { ConfigurationVerb } from './configuration-family.ts';

type Verbs = readonly ConfigurationVerb[];

const get: Verbs = ['get'];
const set: Verbs = ['set'];
const getSet: Verbs = ['get', 'set'];
const getSetDelete: Verbs = ['get', 'set', 'delete'];
const all: Verbs = ['get', 'set', 'delete', 'list'];

/** What can be done with each family of bucket configuration: all that `Storage` has to know of it before it is asked. */
export const bucketVerbs: Readonly<Record<string, Verbs>> = {
  acl: getSet,
  cors: getSetDelete,
  lifecycle: getSetDelete,
  location: get,
  logging: getSet,
  notification: getSet,
  policy: getSetDelete,
  requestPayment: getSet,
  tagging: getSetDelete,
  versioning: getSet,
  versions: get,
  website: getSetDelete,
  encryption: getSetDelete,
  publicAccessBlock: getSetDelete,
  ownershipControls: getSetDelete,
  objectLock: getSet,
  replication: getSetDelete,
  accelerate: getSet,
  policyStatus: get,
  abac: getSet,
  analytics: all,
  intelligentTiering: all,
  inventory: all,
  metrics: all,
  metadata: getSetDelete,
  metadataTable: getSetDelete,
  metadataAnnotationTable: set,
  metadataInventoryTable: set,
  metadataJournalTable: set,
};

/** What can be done with each family of what belongs to an object: all that `Storage` has to know of it before it is asked. */
export const objectVerbs: Readonly<Record<string, Verbs>> = {
  acl: getSet,
  tagging: getSetDelete,
  retention: getSet,
  legalHold: getSet,
  attributes: get,
  encryption: set,
  annotation: all,
};
