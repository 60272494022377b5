import { readFile } from 'node:fs/promises';
import { startGateway } from '@s3kit-internal/gateway';
import { storageSuite } from '../src/storage-suite.ts';
import type { Differences } from '../src/target.ts';

const overlooked = (subresource: string): string =>
  `?${subresource} is overlooked: GET lists the bucket, PUT makes it, DELETE deletes it`;

const differences: Differences = {
  refuses: {
    bucketSetLogging: {
      status: 405,
      reason: 'PUT ?logging answers MethodNotAllowed: the gateway writes no such logs',
    },
    bucketSetReplication: {
      status: 405,
      reason: 'PUT ?replication answers MethodNotAllowed in a service of one zone',
    },
    bucketSetNotification: {
      status: 400,
      reason: 'an empty NotificationConfiguration is refused: it wants DELETE',
    },
  },
  lacks: {
    checksums: 'x-amz-checksum-* is neither verified nor stored',
    'storage classes': 'a class other than STANDARD answers InvalidArgument; AES256 encryption is ignored',
    Encryption: overlooked('encryption'),
    OwnershipControls: overlooked('ownershipControls'),
    Accelerate: overlooked('accelerate'),
    Analytics: overlooked('analytics'),
    IntelligentTiering: overlooked('intelligent-tiering'),
    Inventory: overlooked('inventory'),
    Metrics: overlooked('metrics'),
    'PublicAccessBlock without any': 'all false, in place of a refusal',
    'Replication without any': 'an empty document, in place of a refusal',
    'conditional writes by ETag': 'a PUT with If-Match answers 412, whatever the ETag',
    'conditional copies': 'x-amz-copy-source-if-match is overlooked',
    'copies of objects with customer keys': 'NotImplemented',
    'conditional deletes': 'If-Match on a DELETE is overlooked',
    'attributes of objects': '?attributes is overlooked: the answer is the object itself',
    'expected bucket owner': 'x-amz-expected-bucket-owner is overlooked',
    'directory buckets':
      'there are none: a bucket of such a name is an ordinary one, and ?renameObject is overlooked',
    'tags of multipart uploads': 'tags given at the creation of an upload come out corrupted',
  },
};

// The gateway is left running: the next run finds it up. `node internal/gateway/gateway.mjs stop` ends it.
for (const protocol of ['HTTP', 'HTTPS']) {
  storageSuite(`the Ceph object gateway over ${protocol}`, differences, async () => {
    const gateway = await startGateway();
    const { region, accessKeyId, secretAccessKey, alt } = gateway;
    return {
      config: {
        endpoint: protocol === 'HTTP' ? gateway.endpoint : gateway.tlsEndpoint,
        region,
        accessKeyId,
        secretAccessKey,
      },
      runtime: protocol === 'HTTP' ? {} : { certificateAuthorities: await readFile(gateway.caFile, 'utf8') },
      otherUser: { accessKeyId: alt.accessKeyId, secretAccessKey: alt.secretAccessKey },
      close: async () => undefined,
    };
  });
}
