// What command lines cost with many small files and a large one: `s3` beside aws, rclone, s3cmd and s5cmd, as far as they are on the
// PATH. `node benchmarks/command-lines.mjs [files] [rounds]`. The service is @s3kit/server, in a process of its own; where there is
// `taskset`, it has a core to itself, and so has the client.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const user = { accessKeyId: 'COMMANDLINES', secretAccessKey: 'command-lines-secret' };
const KiB = 1024;

// Linux has it; elsewhere, processes run where the system puts them.
const pinner = 'taskset';

if (process.argv[2] === 'serve') await serve();
else await main(Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 3));

async function serve() {
  const { startServer } = await import('@s3kit/server');
  const server = await startServer({ users: [user], buckets: ['bench'] });
  process.send(server.endpoint);
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

async function main(files, rounds) {
  const isPinned = cpus().length > 1 && spawnSync(pinner, ['-c', '0', 'true']).status === 0;
  const pinned = (core, command) => (isPinned ? [pinner, '-c', String(core), ...command] : command);
  const [program, ...args] = pinned(1, [process.execPath, self, 'serve']);
  const service = fork(self, ['serve'], { execPath: program, execArgv: args.slice(0, -2) });
  const [endpoint] = await once(service, 'message');
  const folder = mkdtempSync(join(tmpdir(), 's3kit-command-lines-'));
  const workloads = {
    [`${files} files of 4 KiB`]: (at) => makeFiles(at, files, 4 * KiB),
    'one file of 1 GiB': (at) => makeFiles(at, 1, KiB ** 3),
  };
  const env = environment(endpoint, folder);
  const run = (command) => {
    const [name, ...rest] = pinned(0, command);
    const started = performance.now();
    const { status, stderr } = spawnSync(name, rest, { env, cwd: folder, maxBuffer: KiB ** 3 });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${status} ${String(stderr).slice(-200)}`);
    return (performance.now() - started) / 1000;
  };
  try {
    const contenders = Object.entries(commandsOf(endpoint)).filter(
      ([name]) => name === 's3' || spawnSync('which', [name], { env }).status === 0,
    );
    console.log(
      `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${rounds} rounds; seconds, medians`,
    );
    for (const [title, make] of Object.entries(workloads)) {
      const source = join(folder, 'source');
      make(source);
      const times = new Map(contenders.map(([name]) => [name, { up: [], list: [], down: [], delete: [] }]));
      for (let round = 0; round < rounds; round++) {
        for (const [name, commands] of contenders) {
          const at = `bench/${name}/`;
          const own = times.get(name);
          const down = join(folder, 'down');
          mkdirSync(down);
          own.up.push(run(commands.up(source, at)));
          own.list.push(run(commands.list(at)));
          own.down.push(run(commands.down(at, down)));
          if (countIn(down) !== countIn(source)) throw new Error(`${name}: not all came down`);
          own.delete.push(run(commands.delete(at)));
          rmSync(down, { recursive: true });
        }
      }
      rmSync(source, { recursive: true });
      print(title, times);
    }
  } finally {
    service.disconnect();
    rmSync(folder, { recursive: true });
  }
}

function makeFiles(folder, count, size) {
  const content = Buffer.alloc(size, 'x');
  for (let index = 0; index < count; index++) {
    const below = join(folder, String(Math.floor(index / 100)).padStart(4, '0'));
    if (index % 100 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, String(index).padStart(6, '0')), content);
  }
}

function countIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .length;
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
  console.log(`\n${title}`);
  console.log(['', 'up', 'list', 'down', 'delete'].map((text) => text.padEnd(10)).join(''));
  const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
  for (const [name, { up, list, down, delete: removed }] of times) {
    const cells = [up, list, down, removed].map((numbers) => median(numbers).toFixed(2).padEnd(10));
    console.log(`${name.padEnd(10)}${cells.join('')}`);
  }
}
