import { startServer } from '@s3kit/server';
import { signingSuite } from '../src/signing-suite.ts';

const main = { accessKeyId: 'MAINUSER', secretAccessKey: 'main-secret' };
const otherUser = { accessKeyId: 'OTHERUSER', secretAccessKey: 'other-secret' };

signingSuite('@s3kit/server', {}, async () => {
  const region = 'eu-central-1';
  const server = await startServer({ users: [main, otherUser], region });
  return { config: { ...main, endpoint: server.endpoint, region }, otherUser, close: () => server.close() };
});
