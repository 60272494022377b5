import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prints, program, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

/** Starts `s3 serve`; gives what it printed, and what stops it. */
async function serve(...args: string[]): Promise<{ lines: string[]; stop: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [program, 'serve', ...args], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('region:')) break;
  }
  return {
    lines,
    async stop() {
      child.kill('SIGINT');
      const [status] = (await once(child, 'exit')) as [number | null];
      return status;
    },
  };
}

test.each(['s3.yaml', 's3.yaml/data'])('serve %s says that there is no folder', async (name) => {
  const { status, stderr } = await place.s3(['serve', name, '--port', '0']);
  const message = `serve: ${place.path(name)} is, or lies in, what is no folder`;
  expect([status, stderr]).toEqual([2, `s3: ${message}; see s3 --help\n`]);
});

test('serve prints a ready-made s3.yaml, keeps it in the folder, and keeps keys and data for the next time', async () => {
  const first = await serve('data', '--port', '0');
  await place.write('s3.yaml', first.lines.join('\n'));
  expect(await place.s3(['-v', 'create-bucket'])).toEqual(prints('my-bucket created\n'));
  expect(await place.s3(['--config', 'data/s3.yaml', 'list-buckets'])).toEqual(prints('my-bucket\n'));
  expect((await stat(place.path('data/s3.yaml'))).mode & 0o777).toBe(0o600);
  expect(await first.stop()).toBe(0);

  const second = await serve('data', '--port', '0');
  const key = /access_key_id.*/.exec(first.lines.join('\n'))?.[0];
  expect(second.lines.join('\n')).toContain(key);
  expect(await place.s3(['--config', 'data/s3.yaml', 'list-buckets'])).toEqual(prints('my-bucket\n'));
  expect(await second.stop()).toBe(0);
});

test('the bucket that is named is the default one of what serve prints, and stays it', async () => {
  const named = await serve('data', '--port', '0', '--bucket', 'photos', '-b', 'more');
  await place.write('s3.yaml', named.lines.join('\n'));
  await place.write('sun.txt', 'warm');
  expect((await place.s3(['put', 'sun.txt'])).status).toBe(0);
  expect((await place.s3(['ls', 's3://photos'])).stdout).toMatch(/ sun\.txt\n$/);
  expect(await named.stop()).toBe(0);

  const again = await serve('data', '--port', '0');
  expect(again.lines).toContain('    default_bucket: "photos"');
  expect(await again.stop()).toBe(0);
});

test('a port that is taken, and a folder that is in use, are said in one line', async () => {
  const port = new URL(place.server.endpoint).port;
  const taken = await place.s3(['serve', 'data', '--port', port]);
  expect(taken.stderr).toMatch(new RegExp(`^s3: [^\\n]*${port}[^\\n]*\\n$`));
  expect(taken.status).toBe(1);

  const running = await serve('data', '--port', '0');
  const second = await place.s3(['serve', 'data', '--port', '0']);
  expect(second.stderr).toMatch(/^s3: [^\n]*in use[^\n]*\n$/);
  expect(second.status).toBe(1);
  await running.stop();
});

test('the users and the region come from configuration files, buckets from the command line', async () => {
  const port = '19437';
  const endpoint = `http://127.0.0.1:${port}`;
  for (const name of ['ann', 'ben']) {
    const keys = { access_key_id: name, secret_access_key: `${name}-secret`, default_bucket: 'given' };
    await place.write(`${name}.yaml`, JSON.stringify({ s3: { ...keys, endpoint, region: 'eu-west-1' } }));
  }
  const child = spawn(
    process.execPath,
    [program, 'serve', 'data', '--quiet', '-c', 'ann.yaml', '-c', 'ben.yaml', '-b', 'given', '--port', port],
    { cwd: place.folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  await expect
    .poll(
      () =>
        fetch(endpoint).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 10_000 },
    )
    .toBe(403);
  expect(await place.s3(['-c', 'ann.yaml', 'list-buckets'])).toEqual(prints('given\n'));
  expect(await place.s3(['-c', 'ben.yaml', 'list-buckets'])).toEqual(prints(''));
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(printed).toBe('');
  await expect(stat(place.path('data/s3.yaml'))).rejects.toThrow('ENOENT');
});

test('each request is shown, where that is wanted', async () => {
  const child = spawn(process.execPath, [program, 'serve', 'data', '--port', '0', '-v'], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('region:')) break;
  }
  await place.write('s3.yaml', lines.join('\n'));
  const log = once(createInterface({ input: child.stderr }), 'line');
  await place.s3(['create-bucket']);
  expect((await log)[0]).toMatch(/^200 PUT \/my-bucket \d+ ms$/);
  child.kill('SIGINT');
  await once(child, 'exit');
});

test('files of two regions cannot be served at once', async () => {
  for (const region of ['eu-west-1', 'us-west-2']) {
    const keys = { access_key_id: region, secret_access_key: 'secret', region };
    await place.write(`${region}.yaml`, JSON.stringify({ s3: keys }));
  }
  const outcome = await place.s3(['serve', 'data', '-c', 'eu-west-1.yaml', '-c', 'us-west-2.yaml']);
  expect([outcome.status, outcome.stderr]).toEqual([2, expect.stringContaining('one server has one region')]);
});

test('a file without keys cannot be served', async () => {
  await place.write('anonymous.yaml', JSON.stringify({ s3: { anonymous: true } }));
  const outcome = await place.s3(['serve', 'data', '-c', 'anonymous.yaml']);
  expect([outcome.status, outcome.stderr]).toEqual([
    2,
    expect.stringContaining('anonymous.yaml has no keys'),
  ]);
});
