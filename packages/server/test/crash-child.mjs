// A server in a process of its own, to be killed: node crash-child.mjs DIRECTORY DURABLE
import { startServer } from '../dist/index.js';

const [, , directory, durable] = process.argv;
const { port } = await startServer({
  directory,
  durable: durable === 'true',
  users: [{ accessKeyId: 'alice', secretAccessKey: 'alice-secret' }],
  limits: { minimumPartSize: 1 },
});
process.send?.(port);
