import { startGateway } from '@s3kit-internal/gateway';
import { signingSuite } from '../src/signing-suite.ts';
import type { Differences } from '../src/target.ts';

const reason = 'answers XAmzContentSHA256Mismatch: Ceph 16.2 is older than trailers';
const differences: Differences = {
  lacks: { 'signed chunks and trailers': reason, 'unsigned chunks and trailers': reason },
};

signingSuite('the Ceph object gateway', differences, async () => {
  const { endpoint, region, accessKeyId, secretAccessKey, alt } = await startGateway();
  return {
    config: { endpoint, region, accessKeyId, secretAccessKey },
    otherUser: { accessKeyId: alt.accessKeyId, secretAccessKey: alt.secretAccessKey },
    close: async () => undefined,
  };
});
