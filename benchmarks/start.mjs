// How long a command takes from nothing to its end: the whole process, side by side with others that are on the PATH.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { S3Connection, S3Name, Storage } from '@s3kit/core';

const user = { accessKeyId: 'START', secretAccessKey: 'start-secret' };
const rounds = 20;

if (isMainThread) await measure();
else await serve();

/** The service runs beside what is measured: this thread waits while a command runs. */
async function serve() {
  const { startServer } = await import('@s3kit/server');
  const server = await startServer({ users: [user], buckets: ['my-bucket'] });
  parentPort.postMessage(server.endpoint);
}

async function measure() {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const endpoint = await new Promise((resolve) => worker.once('message', resolve));
  const connection = new S3Connection({ ...user, endpoint });
  const storage = new Storage(connection);
  for (const key of ['a', 'b', 'c']) await storage.write({ text: key }, new S3Name(key, 'my-bucket'));
  connection.close();

  const folder = mkdtempSync(join(tmpdir(), 's3kit-start-'));
  const program = fileURLToPath(new URL('../apps/cli/bin/s3.cjs', import.meta.url));
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ACCESS_KEY_ID: user.accessKeyId,
    AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    RCLONE_CONFIG_S_TYPE: 's3',
    RCLONE_CONFIG_S_ENV_AUTH: 'true',
    RCLONE_CONFIG_S_ENDPOINT: endpoint,
  };
  const run = ([command, ...args]) => spawnSync(command, args, { env, cwd: folder, encoding: 'utf8' });
  const all = {
    'node -e 0': [process.execPath, '-e', '0'],
    's3 --version': [process.execPath, program, '--version'],
    's3 ls s3://my-bucket': [process.execPath, program, 'ls', 's3://my-bucket'],
    'aws s3 ls s3://my-bucket': ['aws', '--endpoint-url', endpoint, 's3', 'ls', 's3://my-bucket'],
    'rclone ls s:my-bucket': ['rclone', 'ls', 's:my-bucket'],
    's3cmd --version': ['s3cmd', '--version'],
  };
  // Those that are not there, and those that fail, are no contenders.
  const contenders = Object.entries(all).filter(([, command]) => run(command).status === 0);
  const times = new Map(contenders.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of contenders) {
      const started = performance.now();
      run(command);
      times.get(name).push(performance.now() - started);
    }
  }
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${rounds} rounds, milliseconds`,
  );
  for (const [name, measured] of times) {
    measured.sort((a, b) => a - b);
    console.log(
      `${name.padEnd(26)} median ${measured[rounds / 2].toFixed(0).padStart(5)}  least ${measured[0].toFixed(0).padStart(5)}`,
    );
  }
  rmSync(folder, { recursive: true });
  await worker.terminate();
}
