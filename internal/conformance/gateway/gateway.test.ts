import { startGateway } from '@s3kit-internal/gateway';
import { storageSuite } from '../src/storage-suite.ts';
import type { Differences } from '../src/target.ts';

const differences: Differences = {
  refuses: {
    bucketSetLogging: {
      status: 405,
      reason: 'PUT ?logging answers MethodNotAllowed: the gateway writes no such logs',
    },
    bucketSetNotification: {
      status: 400,
      reason: 'an empty NotificationConfiguration is refused: it wants DELETE',
    },
  },
  lacks: {
    'storage classes': 'a class other than STANDARD answers InvalidArgument; AES256 encryption is ignored',
    'tags of multipart uploads': 'tags given at the creation of an upload come out corrupted',
  },
};

// The gateway is left running: the next run finds it up. `node internal/gateway/gateway.mjs stop` ends it.
storageSuite('the Ceph object gateway', differences, async () => {
  const { endpoint, region, accessKeyId, secretAccessKey, alt } = await startGateway();
  return {
    config: { endpoint, region, accessKeyId, secretAccessKey },
    otherUser: { accessKeyId: alt.accessKeyId, secretAccessKey: alt.secretAccessKey },
    close: async () => undefined,
  };
});
