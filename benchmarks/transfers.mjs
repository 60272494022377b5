// What transfers cost, s3kit's beside those of other clients. See README.md for what is measured, and how.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bucket, contenders, partConcurrency, partSize, versionOf } from './contenders.mjs';
import { arePinned, forkOnCore } from './cores.mjs';
import { block, digestOf, objectSize, writeObject } from './objects.mjs';

const MiB = 1024 * 1024;

/** What is measured; how a figure reads. */
const workloads = {
  up: { title: 'upload of one file', of: 'transfer' },
  down: { title: 'download to a file', of: 'transfer' },
  put: { title: 'PUT of 1 KiB, 16 at a time', of: 'request' },
  get: { title: 'GET of 1 KiB, 16 at a time', of: 'request' },
};

// Enough for the way in parts, and not a multiple of anything.
const checkedSize = 3 * partSize + 1;

const [role, settings] = process.argv.slice(2);

if (role === 'stub') (await import('./stub.mjs')).serve(JSON.parse(settings));
else if (role === 'sample') await (await import('./sample.mjs')).sample(JSON.parse(settings));
else process.exitCode = await main();

async function main() {
  const { values } = parseArgs({
    options: {
      'size-mib': { type: 'string', default: '1024' },
      rounds: { type: 'string', default: '5' },
      'cpu-seconds': { type: 'string', default: '3' },
      contenders: { type: 'string', default: Object.keys(contenders).join() },
      workloads: { type: 'string', default: Object.keys(workloads).join() },
      service: { type: 'boolean' },
    },
  });
  const run = {
    size: positive('--size-mib', values['size-mib']) * MiB,
    rounds: positive('--rounds', values.rounds),
    cpuSeconds: positive('--cpu-seconds', values['cpu-seconds']),
    names: chosen('--contenders', values.contenders, contenders),
    kinds: chosen('--workloads', values.workloads, workloads),
  };
  describeMachine(run);
  const folder = mkdtempSync(join(tmpdir(), 's3kit-benchmark-'));
  try {
    if (values.service !== undefined) {
      await compareAt(serviceIn(process.env), run, folder);
      return 0;
    }
    const sound = await checkAll(run, folder);
    for (const kind of run.kinds) await compare({ ...run, names: sound.get(kind) }, kind, folder);
    return [...sound.values()].every((names) => names.length === run.names.length) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function describeMachine({ size, rounds, names }) {
  const [cpu] = cpus();
  const memory = (totalmem() / 1024 ** 3).toFixed(0);
  console.log(
    `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpu?.model}, ${memory} GiB`,
  );
  console.log(names.map((name) => `${name} ${versionOf(contenders[name].packageName)}`).join(', '));
  console.log(
    `${size / MiB} MiB, parts of ${partSize / MiB} MiB x ${partConcurrency} where that can be set, ${rounds} rounds, ${arePinned() ? 'client and service each on a core of its own' : 'not pinned to cores'}`,
  );
}

/** Which contenders do each workload right: only their figures count. */
async function checkAll({ names, kinds }, folder) {
  const stub = await startStub({ size: checkedSize, digests: true });
  const original = join(folder, 'checked');
  const copy = join(folder, 'copy');
  writeObject(original, checkedSize);
  const expected = digestOf(original);
  const small = join(folder, 'small');
  writeObject(small, objectSize('small'));
  const sound = new Map();
  for (const kind of kinds) {
    const good = [];
    for (const contender of names) {
      const problem = await faultOf(async () => {
        // Forgets what a client before has left.
        await stub.report('large');
        await takeSample(stub, {
          contender,
          workload: kind,
          file: kind === 'up' ? original : copy,
          cpuSeconds: 0.05,
        });
        if (kind === 'down' && digestOf(copy) !== expected) throw new Error('the file came changed');
        if (kind === 'up' && (await stub.report('large')).sha256 !== expected)
          throw new Error('the file went changed');
        if (kind === 'put' && (await stub.report('small')).sha256 !== digestOf(small))
          throw new Error('the object went changed');
      });
      if (problem === undefined) good.push(contender);
      else console.error(`${contender} is left out of '${workloads[kind].title}': ${problem}`);
    }
    sound.set(kind, good);
  }
  await stub.stop();
  return sound;
}

async function faultOf(action) {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Samples of one workload, contender by contender, round by round; prints the medians. */
async function compare({ names, rounds, size, cpuSeconds }, workload, folder) {
  const stub = await startStub({ size, digests: false });
  const file = join(folder, workload);
  if (workload === 'up') writeObject(file, size);
  const figures = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [contender, samples] of figures) {
      const before = workload === 'up' ? (await stub.report('')).bytes : 0;
      // A file that is replaced only when the new one is whole costs memory, and time to free it: that is not the transfer's.
      if (workload === 'down') rmSync(file, { force: true });
      const figure = await takeSample(stub, { contender, workload, file, cpuSeconds });
      if (workload === 'up' && (await stub.report('')).bytes - before !== size)
        throw new Error(`${contender}: not every byte went up`);
      samples.push(figure);
    }
  }
  await stub.stop();
  rmSync(file, { force: true });
  print(workload, figures);
}

/** The same, at a service that keeps what it is sent: what came down is compared with what went up. */
async function compareAt(service, { names, rounds, size, cpuSeconds, kinds }, folder) {
  const { S3Connection, S3Name, Storage } = await import('@s3kit/core');
  const { port, ...keys } = service;
  const storage = new Storage(new S3Connection({ ...keys, endpoint: `http://127.0.0.1:${port}` }));
  if (!(await storage.bucketExists(bucket))) await storage.bucketCreate(bucket);
  const original = join(folder, 'original');
  writeObject(original, size);
  const expected = digestOf(original);
  await storage.write(original, new S3Name('large', bucket));
  await storage.write(block.subarray(0, objectSize('small')), new S3Name('small', bucket));
  for (const kind of kinds) {
    const figures = new Map(names.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [contender, samples] of figures) {
        const file = kind === 'up' ? original : join(folder, 'copy');
        const settings = { contender, workload: kind, file, cpuSeconds };
        const sampled = takeSample({ service }, settings).then((figure) => samples.push(figure));
        const problem = await faultOf(() => sampled);
        if (problem !== undefined) {
          console.error(`${contender} is left out of '${workloads[kind].title}': ${problem}`);
          figures.delete(contender);
          continue;
        }
        if (kind === 'up') await storage.read(new S3Name('large', bucket), join(folder, 'copy'));
        if ((kind === 'up' || kind === 'down') && digestOf(join(folder, 'copy')) !== expected)
          throw new Error(`${contender}: what came down is not what went up`);
      }
    }
    print(kind, figures);
  }
  for await (const { key } of storage.bucketListKeys(bucket)) await storage.delete(new S3Name(key, bucket));
  await storage.bucketDelete(bucket);
  storage.connection.close();
}

function serviceIn({ S3KIT_TEST_ENDPOINT, S3KIT_TEST_ACCESS_KEY_ID, S3KIT_TEST_SECRET_ACCESS_KEY }) {
  if (S3KIT_TEST_ENDPOINT === undefined)
    throw new Error('--service needs what `node internal/gateway/gateway.mjs env` prints in the environment');
  return {
    port: Number(new URL(S3KIT_TEST_ENDPOINT).port),
    accessKeyId: S3KIT_TEST_ACCESS_KEY_ID,
    secretAccessKey: S3KIT_TEST_SECRET_ACCESS_KEY,
  };
}

function print(workload, figures) {
  const { title, of } = workloads[workload];
  const rows = [...figures].map(([name, samples]) => ({
    name,
    cpu: median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    wall: median(samples.map(({ wallSeconds }) => wallSeconds)),
    peak: median(samples.map(({ peakBytes }) => peakBytes)),
  }));
  const own = rows.find(({ name }) => name === 's3kit')?.cpu;
  const time = (seconds) =>
    of === 'request' ? `${(seconds * 1e6).toFixed(0)} us` : `${seconds.toFixed(2)} s`;
  console.log(`\n${title} (medians, per ${of})`);
  console.log(line('client', 'CPU', 'CPU / s3kit', 'wall', 'peak RSS'));
  for (const { name, cpu, wall, peak } of rows.sort((one, other) => one.cpu - other.cpu)) {
    const ratio = own === undefined ? '' : (cpu / own).toFixed(2);
    console.log(line(name, time(cpu), ratio, time(wall), `${Math.round(peak / MiB)} MiB`));
  }
}

function line(name, ...cells) {
  return name.padEnd(16) + cells.map((cell) => cell.padStart(13)).join('');
}

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function startStub(settings) {
  const child = start(1, 'stub', settings);
  const [{ port }] = await once(child, 'message');
  return {
    // It checks no signature.
    service: { port, accessKeyId: 'BENCHMARK', secretAccessKey: 'benchmark-secret' },
    async report(key) {
      const response = await fetch(`http://127.0.0.1:${port}/-/_report?key=${key}`);
      return response.json();
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

async function takeSample({ service }, settings) {
  const child = start(0, 'sample', { ...settings, service });
  const ended = once(child, 'exit');
  const figure = await Promise.race([
    once(child, 'message').then(([message]) => message),
    ended.then(() => undefined),
  ]);
  if (figure === undefined) throw new Error(`${settings.contender} ended without a figure`);
  child.disconnect();
  await ended;
  return figure;
}

/** Starts a role of this file in a process of its own, on a core of its own where there are several. */
function start(core, role, settings) {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  // Some clients warn of the Node version at every start.
  const options = { env: { ...env, NODE_NO_WARNINGS: '1' }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] };
  const args = [role, JSON.stringify(settings)];
  return forkOnCore(core, process.argv[1], args, options);
}

function positive(option, text) {
  const number = Number(text);
  if (number > 0) return number;
  throw new RangeError(`${option} must be a number above 0, not ${text}`);
}

function chosen(option, text, table) {
  const names = text.split(',');
  const unknown = names.find((name) => !Object.hasOwn(table, name));
  if (unknown === undefined) return names;
  throw new RangeError(`${option} knows ${Object.keys(table).join(', ')}, not ${unknown}`);
}
