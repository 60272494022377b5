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
  // Installed elsewhere, as it wants a newer Node than this repository: FAUXQS is its main file's path.
  async fauxqs() {
    const { startFauxqs } = await import(process.env['FAUXQS']);
    const init = { buckets: ['bench'] };
    return (await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, init })).port;
  },
};

const started = performance.now();
const port = await starters[name]();
process.send?.({ port, milliseconds: performance.now() - started });
process.on('message', () => process.send?.({ rss: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit());
