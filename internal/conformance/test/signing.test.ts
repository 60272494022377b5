import { startServer } from '@s3kit/server';
import { signingSuite } from '../src/signing-suite.ts';
import type { Differences } from '../src/target.ts';

const main = { accessKeyId: 'MAINUSER', secretAccessKey: 'main-secret' };
const otherUser = { accessKeyId: 'OTHERUSER', secretAccessKey: 'other-secret' };

const differences: Differences = {
  lacks: {
    'signed chunks': 'answers NotImplemented: only unsigned chunks are decoded yet',
    'signed chunks and trailers': 'answers NotImplemented, as for signed chunks',
    'upload forms': 'POST on a bucket answers NotImplemented: forms are not read yet',
  },
};

signingSuite('@s3kit/server', differences, async () => {
  const region = 'eu-central-1';
  const server = await startServer({ users: [main, otherUser], region });
  return { config: { ...main, endpoint: server.endpoint, region }, otherUser, close: () => server.close() };
});
