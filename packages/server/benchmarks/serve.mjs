// One server in a process of its own: node serve.mjs NAME DIRECTORY. Sends its port to the parent.
import process from 'node:process';

const [, , name, directory] = process.argv;
const users = [{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }];

const starters = {
  async s3kit() {
    const { startServer } = await import('../dist/index.js');
    return (await startServer({ directory, durable: false, users, buckets: ['bench'] })).port;
  },
  async s3rver() {
    const { default: S3rver } = await import('s3rver');
    const server = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory,
      configureBuckets: [{ name: 'bench' }],
    });
    return (await server.run()).port;
  },
};

const started = performance.now();
const port = await starters[name]();
process.send?.({ port, milliseconds: performance.now() - started });
process.on('message', () => process.send?.({ rss: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit());
