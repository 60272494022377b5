import { openInProcess, startServer } from '@s3kit/server';
import { storageSuite } from '../src/storage-suite.ts';

const main = { accessKeyId: 'MAINUSER', secretAccessKey: 'main-secret' };
const otherUser = { accessKeyId: 'OTHERUSER', secretAccessKey: 'other-secret' };

for (const region of ['us-east-1', 'eu-central-1']) {
  storageSuite(`@s3kit/server in ${region}`, {}, async () => {
    const server = await startServer({ users: [main, otherUser], region });
    return { config: { ...main, endpoint: server.endpoint, region }, otherUser, close: () => server.close() };
  });
}

storageSuite('@s3kit/server without a socket', {}, async () => {
  const server = await openInProcess({ users: [main, otherUser] });
  return {
    config: { ...main, endpoint: 'http://localhost' },
    otherUser,
    runtime: { transport: server.transport },
    close: () => server.close(),
  };
});
