// What command lines cost with many small files and a large one: `s3` beside aws, rclone, s3cmd and s5cmd, as far as they are on the
// PATH. `node benchmarks/command-lines.mjs [files] [rounds] [--service] [--all-cores]`. The service is a stub (see bucket-stub.mjs), or,
// with --service, @s3kit/server; in a process of its own, and where there is `taskset`, it has a core to itself, and so has the client,
// which has all of them with --all-cores.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { S3Connection, S3Name, Storage } from '@s3kit/core';
import { arePinned, forkOnCore, onCore } from './cores.mjs';
import { isObject, writeObject } from './objects.mjs';

const self = fileURLToPath(import.meta.url);
const user = { accessKeyId: 'COMMANDLINES', secretAccessKey: 'command-lines-secret' };
const bucket = 'bench';
const KiB = 1024;
const steps = ['up', 'list', 'down', 'delete'];
let hasAllCores = false;

const [role, settings] = process.argv.slice(2);

if (role === 'stub') (await import('./bucket-stub.mjs')).serve(JSON.parse(settings));
else if (role === 'service') await serve();
else process.exitCode = await main();

/** The real one: it checks signatures, and keeps what it is sent. */
async function serve() {
  const { startServer } = await import('@s3kit/server');
  const server = await startServer({ users: [user], buckets: [bucket] });
  process.send({ port: Number(new URL(server.endpoint).port) });
  process.on('disconnect', () => server.close().then(() => process.exit()));
}

/** How each does the same; the bucket's prefix is its own. */
function commandsOf(endpoint) {
  const s3 = [process.execPath, fileURLToPath(new URL('../apps/cli/bin/s3.cjs', import.meta.url))];
  const aws = ['aws', '--endpoint-url', endpoint, 's3'];
  const s5cmd = ['s5cmd', '--endpoint-url', endpoint];
  return {
    s3: {
      up: (from, to) => [...s3, 'cp', '-r', from, `s3://${to}`],
      list: (at) => [...s3, 'ls', '-r', `s3://${at}`],
      down: (from, to) => [...s3, 'cp', '-r', `s3://${from}`, to],
      delete: (at) => [...s3, 'rm', '-r', `s3://${at}`],
    },
    rclone: {
      up: (from, to) => ['rclone', 'copy', '--transfers', '32', from, `s:${to}`],
      list: (at) => ['rclone', 'ls', `s:${at}`],
      down: (from, to) => ['rclone', 'copy', '--transfers', '32', `s:${from}`, to],
      delete: (at) => ['rclone', 'delete', `s:${at}`],
    },
    s5cmd: {
      up: (from, to) => [...s5cmd, 'cp', `${from}/`, `s3://${to}`],
      list: (at) => [...s5cmd, 'ls', `s3://${at}*`],
      down: (from, to) => [...s5cmd, 'cp', `s3://${from}*`, `${to}/`],
      delete: (at) => [...s5cmd, 'rm', `s3://${at}*`],
    },
    s3cmd: {
      up: (from, to) => ['s3cmd', 'put', '-q', '-r', `${from}/`, `s3://${to}`],
      list: (at) => ['s3cmd', 'ls', '-r', `s3://${at}`],
      down: (from, to) => ['s3cmd', 'get', '-q', '-r', `s3://${from}`, to],
      delete: (at) => ['s3cmd', 'rm', '-q', '-r', '-f', `s3://${at}`],
    },
    aws: {
      up: (from, to) => [...aws, 'cp', '--quiet', '--recursive', from, `s3://${to}`],
      list: (at) => [...aws, 'ls', '--recursive', `s3://${at}`],
      down: (from, to) => [...aws, 'cp', '--quiet', '--recursive', `s3://${from}`, to],
      delete: (at) => [...aws, 'rm', '--quiet', '--recursive', `s3://${at}`],
    },
  };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      service: { type: 'boolean', default: false },
      'all-cores': { type: 'boolean', default: false },
    },
  });
  hasAllCores = values['all-cores'];
  const [files = 10_000, rounds = 3] = positionals.map(Number);
  const serviceRole = values.service ? 'service' : 'stub';
  const workloads = [
    { title: `${files} files of 4 KiB`, count: files, size: 4 * KiB },
    { title: 'one file of 1 GiB', count: 1, size: KiB ** 3 },
  ];
  const folder = mkdtempSync(join(tmpdir(), 's3kit-command-lines-'));
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${rounds} rounds, ${placement()}; seconds, medians`,
  );
  try {
    let allSound = true;
    for (const workload of workloads) {
      const sound = await checkAll(
        { ...workload, count: Math.min(workload.count, 1_100) },
        serviceRole,
        folder,
      );
      allSound &&= sound.isAll;
      await compare(workload, serviceRole, folder, { rounds, names: sound.names });
    }
    return allSound ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function placement() {
  if (!arePinned()) return 'not pinned to cores';
  return hasAllCores
    ? 'the service on one core, the client on all'
    : 'client and service each on a core of its own';
}

/** Who does a workload right, every byte and every name looked at: only their figures count. */
async function checkAll(workload, serviceRole, folder) {
  const bench = await setUp(workload, serviceRole, folder, true);
  const isThere = ([name]) =>
    name === 's3' || spawnSync('which', [name], { env: bench.env, stdio: 'ignore' }).status === 0;
  const contenders = Object.entries(commandsOf(bench.endpoint)).filter(isThere);
  const names = [];
  for (const [name, commands] of contenders) {
    try {
      await takeTurn(bench, name, commands, (down, listed) => {
        for (const path of filesIn(down)) {
          if (!isObject(path, workload.size)) throw new Error(`${relative(down, path)} came changed`);
          const key = `${name}/${relative(down, path)}`;
          if (!listed.includes(relative(down, path))) throw new Error(`${key} is not listed`);
        }
      });
      names.push(name);
    } catch (error) {
      console.error(`${name} is left out of '${workload.title}': ${error.message}`);
      await bench.empty();
    }
  }
  await bench.stop();
  return { names, isAll: names.length === contenders.length };
}

/** Each in turn, round by round; prints the medians. */
async function compare(workload, serviceRole, folder, { rounds, names }) {
  const bench = await setUp(workload, serviceRole, folder, false);
  const commands = commandsOf(bench.endpoint);
  const times = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) times.get(name).push(await takeTurn(bench, name, commands[name]));
  await bench.stop();
  print(workload.title, times);
}

/** A service, and the files of a workload; without `checks`, the service does as little as it can. */
async function setUp({ count, size }, serviceRole, folder, checks) {
  const service = forkOnCore(1, self, [serviceRole, JSON.stringify({ sizes: [size], checks })], {});
  const [{ port }] = await once(service, 'message');
  const endpoint = `http://127.0.0.1:${port}`;
  const connection = new S3Connection({ ...user, endpoint });
  const storage = new Storage(connection);
  const source = join(folder, 'source');
  makeFiles(source, count, size);
  return {
    endpoint,
    folder,
    source,
    env: environment(endpoint, folder),
    count,
    bytes: count * size,
    /** What the service holds. */
    async held() {
      const found = { count: 0, bytes: 0 };
      for await (const { size: bytes } of storage.bucketListKeys(bucket)) {
        found.count++;
        found.bytes += Number(bytes);
      }
      return found;
    },
    async empty() {
      for await (const { key } of storage.bucketListKeys(bucket))
        await storage.delete(new S3Name(key, bucket));
    },
    async stop() {
      connection.close();
      rmSync(source, { recursive: true });
      const ended = once(service, 'exit');
      service.disconnect();
      await ended;
    },
  };
}

/** All steps of a contender, with the seconds of each. What came of them is counted; a check sees the files that came down, and the list. */
async function takeTurn(bench, name, commands, check = () => undefined) {
  const at = `${bucket}/${name}/`;
  const down = join(bench.folder, 'down');
  mkdirSync(down);
  try {
    const up = run(bench, commands.up(bench.source, at));
    const sent = await bench.held();
    if (sent.count !== bench.count || sent.bytes !== bench.bytes) throw new Error('not all went up');
    const list = run(bench, commands.list(at));
    const fetched = run(bench, commands.down(at, down));
    if (filesIn(down).length !== bench.count) throw new Error('not all came down');
    check(down, list.stdout);
    const removed = run(bench, commands.delete(at));
    if ((await bench.held()).count > 0) throw new Error('not all was deleted');
    return { up: up.seconds, list: list.seconds, down: fetched.seconds, delete: removed.seconds };
  } finally {
    rmSync(down, { recursive: true });
  }
}

function run({ env, folder }, command) {
  const [name, ...rest] = hasAllCores ? command : onCore(0, command);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(name, rest, {
    env,
    cwd: folder,
    maxBuffer: KiB ** 3,
    encoding: 'utf8',
  });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${command.join(' ')}: ${status} ${stderr.slice(-400)}`);
  return { seconds, stdout };
}

function makeFiles(folder, count, size) {
  for (let index = 0; index < count; index++) {
    const below = join(folder, String(Math.floor(index / 100)).padStart(4, '0'));
    if (index % 100 === 0) mkdirSync(below, { recursive: true });
    writeObject(join(below, String(index).padStart(6, '0')), size);
  }
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function environment(endpoint, folder) {
  const { host } = new URL(endpoint);
  writeFileSync(
    join(folder, '.s3cfg'),
    `[default]\naccess_key = ${user.accessKeyId}\nsecret_key = ${user.secretAccessKey}\nhost_base = ${host}\nhost_bucket = ${host}\nuse_https = False\n`,
  );
  return {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ACCESS_KEY_ID: user.accessKeyId,
    AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    RCLONE_CONFIG_S_TYPE: 's3',
    RCLONE_CONFIG_S_PROVIDER: 'Other',
    RCLONE_CONFIG_S_ENV_AUTH: 'true',
    RCLONE_CONFIG_S_ENDPOINT: endpoint,
  };
}

function print(title, times) {
  const rows = [...times].map(([name, turns]) => [
    name,
    ...steps.map((step) => median(turns.map(({ [step]: seconds }) => seconds))),
  ]);
  const line = (name, cells) =>
    console.log(`${name.padEnd(12)}${cells.map((cell) => cell.padEnd(10)).join('')}`);
  console.log(`\n${title}`);
  line('', steps);
  for (const [name, ...cells] of rows)
    line(
      name,
      cells.map((seconds) => seconds.toFixed(2)),
    );
  const own = rows.find(([name]) => name === 's3');
  const others = rows.filter((row) => row !== own);
  if (own === undefined || others.length === 0) return;
  const ratios = steps.map((_, index) => own[index + 1] / Math.min(...others.map((row) => row[index + 1])));
  line(
    's3 : best',
    ratios.map((ratio) => ratio.toFixed(2)),
  );
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}
