import { type ConfigurationFamily, type FamilyDetails, withVerbs } from './configuration-family.ts';
import { objectVerbs } from './configuration-verbs.ts';

/** What S3 tells of an object beside its headers. */
export const objectAttributes: FamilyDetails = {
  subresource: 'attributes',
  root: 'GetObjectAttributesResponse',
  // S3 itself says the one, its documentation the other.
  alias: 'GetObjectAttributesOutput',
  format: 'xml',
  lists: ['ObjectParts/Part'],
};

const details: Readonly<Record<string, FamilyDetails>> = {
  acl: {
    subresource: 'acl',
    root: 'AccessControlPolicy',
    format: 'xml',
    lists: ['AccessControlList/Grant'],
  },
  tagging: {
    subresource: 'tagging',
    root: 'Tagging',
    format: 'xml',
    lists: ['TagSet/Tag'],
  },
  retention: {
    subresource: 'retention',
    root: 'Retention',
    format: 'xml',
    known: 'asked',
    // The one is S3's, the other Ceph's (seen with 16.2).
    none: ['NoSuchObjectLockConfiguration', 'ObjectLockConfigurationNotFoundError'],
  },
  legalHold: {
    subresource: 'legal-hold',
    root: 'LegalHold',
    format: 'xml',
    known: 'asked',
    // The one is S3's, the other Ceph's (seen with 16.2).
    none: ['NoSuchObjectLockConfiguration', 'ObjectLockConfigurationNotFoundError'],
  },
  attributes: objectAttributes,
  encryption: { subresource: 'encryption', format: 'xml', known: 'amazon' },
  annotation: {
    subresource: 'annotation',
    format: 'text',
    lists: ['Annotations/AnnotationEntry'],
    id: 'annotationName',
    known: 'amazon',
  },
};

/**
 * What belongs to an object beside its content and headers. The methods of `Storage` that get, set and delete it come from
 * this table.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html}
 */
export const objectConfigurations: Readonly<Record<string, ConfigurationFamily>> = /* @__PURE__ */ withVerbs(
  details,
  objectVerbs,
);
