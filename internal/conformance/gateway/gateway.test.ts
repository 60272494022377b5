import { readFile } from 'node:fs/promises';
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
    checksums: 'x-amz-checksum-* is neither verified nor stored',
    'storage classes': 'a class other than STANDARD answers InvalidArgument; AES256 encryption is ignored',
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
