// A server in a process of its own, to be killed or weighed: node server-child.mjs DIRECTORY DURABLE. Sends its port, and
// its memory in bytes whenever it is asked.
import { startServer } from '../dist/index.js';

const [, , directory, durable] = process.argv;
const { port } = await startServer({
  directory,
  durable: durable === 'true',
  users: [{ accessKeyId: 'alice', secretAccessKey: 'alice-secret' }],
  limits: { minimumPartSize: 1 },
});
process.on('message', () => process.send?.(process.memoryUsage().rss));
process.send?.(port);
