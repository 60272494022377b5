// What other command lines for S3 were seen to do wrong, and what this one does.
import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, program, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  // Small pages, so that a listing has many.
  place = await Workplace.open({ buckets: ['my-bucket'], limits: { maximumListKeys: 100 } });
});
afterEach(() => place.close());

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

// s5cmd: the walk stops at the link, and what lies behind it is deleted, with status 0.
test('a broken link in the source of sync --delete: the rest is sent, nothing is deleted, and that is told', async () => {
  await place.write('t/a', 'new');
  await place.write('t/z', 'new');
  await symlink('nowhere', place.path('t/broken'));
  await place.put({ 't/extra': 'old', 't/y': 'old' });
  const { stderr, status } = await place.s3(['sync', '--delete', 't', 's3://my-bucket/t']);
  expect(stderr).toContain('t/broken');
  expect(stderr).toContain('nothing was deleted, as something failed before; it would have been 2');
  expect(status).toBe(1);
  expect(await place.objects()).toEqual(['t/a', 't/extra', 't/y', 't/z']);
  const copied = await place.s3(['cp', '-r', 't', 's3://my-bucket/u']);
  expect([copied.status, copied.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^s3: cp: t\/broken: it is a symbolic link that leads nowhere\n2 files, .*; 1 failed in /,
    ),
  ]);
});

// s5cmd and s3cmd write outside of the destination.
describe('keys that lead out of the destination', () => {
  const keys = ['../evil', '../../evil', '/evil', '/../evil', 'a/../../evil', '..', 'nul\0evil', 'a/./evil'];

  test.each(['cp', 'sync', 'mv'])('%s writes none of them, and tells of each', async (command) => {
    await place.put(Object.fromEntries(keys.map((key) => [`t/${key}`, 'evil'])));
    // A name like any other, but on Windows.
    await place.put({ 't/..\\evil': 'fine', 't/good': 'fine' });
    const words = command === 'sync' ? [command] : [command, '-r'];
    const { stderr, status } = await place.s3([...words, 's3://my-bucket/t', 'deep/down/here']);
    expect(status).toBe(3);
    expect(stderr.match(/skipped: /g)).toHaveLength(keys.length);
    expect(await place.files()).toEqual(['deep/down/here/..\\evil', 'deep/down/here/good', 's3.yaml']);
    const left = (await place.objects()).filter((key) => key.startsWith('t/'));
    expect(left).toHaveLength(command === 'mv' ? keys.length : keys.length + 2);
  });

  test('nor does a list of names lead out, nor one key into a folder', async () => {
    await place.put({ 't/../../evil': 'evil', 't/good': 'fine', '..': 'evil' });
    const list = ['cp', '--files-from', '-', 's3://my-bucket/t', 'in/side'];
    const listed = await place.s3(list, {}, place.folder, '../../evil\ngood\n');
    expect([listed.status, listed.stderr]).toEqual([3, expect.stringContaining('skipped: ')]);
    await place.s3(['cp', 's3://my-bucket/t/../../evil', 'in/side/']);
    expect((await place.s3(['cp', 's3://my-bucket/..', 'in/side/'])).status).toBe(2);
    expect(await place.files()).toEqual(['in/side/evil', 'in/side/good', 's3.yaml']);
  });
});

// aws fails with Errno 21, s5cmd leaves a temporary file behind; both write a//b and a/b onto one file.
describe('keys of which only one can be a file', () => {
  beforeEach(() => place.put({ 't/x': 'file', 't/x/y': 'below', 't/a//b': 'two', 't/a/b': 'one' }));

  test.each([
    ['cp -r', ['cp', '-r']],
    ['sync', ['sync']],
  ])('%s fetches one, tells of the other, and leaves nothing behind', async (_, words) => {
    const { stderr, status } = await place.s3([...words, 's3://my-bucket/t', 'down']);
    expect(status).toBe(3);
    expect(stderr).toMatch(/skipped: s3:\/\/my-bucket\/t\/x\/y: "x" is a file; nothing can be below it/);
    expect(stderr).toMatch(/skipped: s3:\/\/my-bucket\/t\/a\/\/b: part of its name is empty/);
    expect(await place.files('down')).toEqual(['a/b', 'x']);
    expect([await place.read('down/x'), await place.read('down/a/b')]).toEqual(['file', 'one']);
  });

  test('mv -r keeps the objects that have not become files', async () => {
    expect((await place.s3(['mv', '-r', 's3://my-bucket/t', 'down'])).status).toBe(3);
    expect(await place.objects()).toEqual(['t/a//b', 't/x/y']);
    expect(await place.files('down')).toEqual(['a/b', 'x']);
  });

  // s5cmd deletes the object first.
  test('mv keeps the object where the file cannot take its place at the end', async () => {
    await place.put({ large: randomFillSync(Buffer.alloc(512 * 1024)) });
    const running = place.start(['mv', '--limit-rate', '256KiB', 's3://my-bucket/large', 'down/large']);
    await expect.poll(() => place.files('down').catch(() => []), slowly).toHaveLength(1);
    await mkdir(place.path('down/large/in/the/way'), { recursive: true });
    const { stderr, status } = await running.ended;
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^s3: mv: [^\n]*down\/large[^\n]*\n$/)]);
    expect(await place.objects()).toContain('large');
    expect(await place.files('down')).toEqual([]);
  });
});

const slowly = { timeout: 15_000, interval: 20 };

// s5cmd never aborts the upload, aws only when it is interrupted: S3 goes on to bill its parts.
describe.each(signals)('%s in an upload aborts it, and ends with status %i:', (signal, expected) => {
  test.each<[string, readonly string[]]>([
    ['cp', ['cp', 't/large', 's3://my-bucket/large']],
    ['cp -r', ['cp', '-r', 't', 's3://my-bucket/t']],
    ['sync', ['sync', 't', 's3://my-bucket/t']],
    ['cp -', ['cp', '-', 's3://my-bucket/large']],
  ])('%s', async (_, words) => {
    const content = randomFillSync(Buffer.alloc(24 * 1024 * 1024));
    await place.write('t/large', content);
    const recording = place.server.record();
    const input = words.includes('-') ? content.toString('latin1') : '';
    const running = place.start([...words, '--limit-rate', '6MiB'], {}, place.folder, input);
    const parts = (): number =>
      recording.requests.filter(({ operation }) => operation === 'UploadPart').length;
    await expect.poll(parts, slowly).toBeGreaterThan(0);
    expect(await place.uploads()).toHaveLength(1);
    running.kill(signal);
    expect((await running.ended).status).toBe(expected);
    expect(await place.uploads()).toEqual([]);
    expect(await place.objects()).toEqual([]);
  });
});

// aws and s3cmd leave what they have under a temporary name, or under the final one.
describe.each(signals)('%s in a download leaves nothing, and ends with status %i:', (signal, expected) => {
  test.each<[string, readonly string[]]>([
    ['cp', ['cp', 's3://my-bucket/t/large', 'down/large']],
    ['cp -r', ['cp', '-r', 's3://my-bucket/t', 'down']],
    ['sync', ['sync', 's3://my-bucket/t', 'down']],
  ])('%s', async (_, words) => {
    await place.put({ 't/large': randomFillSync(Buffer.alloc(4 * 1024 * 1024)) });
    const running = place.start([...words, '--limit-rate', '256KiB']);
    await expect.poll(() => place.files('down').catch(() => []), slowly).toHaveLength(1);
    expect(await place.files('down')).toEqual([expect.stringMatching(/^\.large\.[0-9a-f]{12}\.s3kit$/)]);
    running.kill(signal);
    expect((await running.ended).status).toBe(expected);
    expect(await place.files('down')).toEqual([]);
    expect(await place.objects()).toEqual(['t/large']);
  });
});

// aws sends a request for each object.
test.each<[string, string, readonly string[], string]>([
  ['a folder', 't/', ['-r'], ''],
  ['a wildcard', 't/*', [], ''],
  ['a list', 't', ['--files-from', '-'], Array.from({ length: 1_200 }, (_, n) => `k${n}\n`).join('')],
])('rm of 1,200 objects of %s takes two requests', async (_, name, words, input) => {
  await place.put(Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [`t/k${n}`, ''])));
  const recording = place.server.record();
  const { status } = await place.s3(['rm', ...words, `s3://my-bucket/${name}`], {}, place.folder, input);
  recording.stop();
  const deletions = recording.requests.filter(({ operation }) => operation?.startsWith('Delete'));
  expect([status, deletions.map(({ operation }) => operation)]).toEqual([
    0,
    ['DeleteObjects', 'DeleteObjects'],
  ]);
  expect(await place.objects()).toEqual([]);
});

// aws: "[Errno 32] Broken pipe", 255. s3cmd goes on listing.
test('ls | head is quiet, ends with status 141, and lists no further', async () => {
  const names = Array.from({ length: 4_000 }, (_, n) => `${'long-'.repeat(20)}${n}`);
  await place.put(Object.fromEntries(names.map((name) => [name, ''])));
  const recording = place.server.record();
  const line = '"$0" "$1" ls -r s3://my-bucket | head -n 1; echo "$PIPESTATUS"';
  const shell = spawn('bash', ['-c', line, process.execPath, program], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(shell, 'close');
  recording.stop();
  expect(said).toMatch(/^[^\n]* long-[^\n]*\n141\n$/);
  expect(recording.requests.length).toBeLessThan(30);
});

test.each([[['list']], [['ls', '-r', 's3://my-bucket']], [['find', '--json', 's3://my-bucket']]])(
  'a pipe that is closed at once ends %j quietly',
  async (args) => {
    await place.put({ a: 'a', b: 'b' });
    const child = spawn(process.execPath, [program, ...args], {
      cwd: place.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    expect(await once(child, 'close')).toEqual([141, null]);
    expect(said).toBe('');
  },
);

test('a pipe that is closed in the middle of uploads leaves none of them unfinished', async () => {
  await place.put({});
  await mkdir(place.path('many'));
  for (let n = 0; n < 300; n++) await writeFile(place.path(`many/b${n}`), 'small');
  await writeFile(place.path('many/a'), Buffer.alloc(40 * 1024 * 1024));
  const words = ['cp', '-v', '-r', '--limit-rate', '4MiB', '--concurrency', '2', 'many', 's3://my-bucket'];
  const child = spawn(process.execPath, [program, ...words], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.stdout.destroy());
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  expect(await once(child, 'close')).toEqual([141, null]);
  expect(said).toBe('');
  expect(await place.uploads()).toEqual([]);
});

// All others wipe the destination.
describe('sync --delete from an empty source', () => {
  beforeEach(async () => {
    await place.put({ 't/z': 'z' });
    await mkdir(place.path('void'));
  });

  test('deletes nothing, and says how it would', async () => {
    const { stderr, status } = await place.s3(['sync', '--delete', 'void', 's3://my-bucket/t']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('--allow-empty-source')]);
    expect(await place.objects()).toEqual(['t/z']);
  });

  test('nor downwards, nor from a folder that is not there', async () => {
    await place.write('here/kept', 'kept');
    expect((await place.s3(['sync', '--delete', 's3://my-bucket/void', 'here'])).status).toBe(1);
    expect(await place.files('here')).toEqual(['kept']);
    await rm(place.path('void'), { recursive: true });
    const words = ['sync', '--delete', '--allow-empty-source', 'void', 's3://my-bucket/t'];
    expect((await place.s3(words)).status).toBe(4);
    expect(await place.objects()).toEqual(['t/z']);
  });

  test('deletes where it may, but no more than it may', async () => {
    await place.put({ 't/y': 'y' });
    const words = ['sync', '--delete', '--allow-empty-source', 'void', 's3://my-bucket/t'];
    const { stderr, status } = await place.s3([...words, '--max-delete', '1']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('2 would be more than --max-delete allows'),
    ]);
    expect(await place.objects()).toEqual(['t/y', 't/z']);
    expect((await place.s3([...words, '--max-delete', '2'])).status).toBe(0);
    expect(await place.objects()).toEqual([]);
  });
});

// s5cmd: 43 seconds.
test.each<[string, readonly string[]]>([
  ['ls', ['ls', 's3://my-bucket']],
  ['cp', ['cp', 's3.yaml', 's3://my-bucket/k']],
  ['sync', ['sync', '.', 's3://my-bucket/k']],
  ['list', ['list']],
])('where nothing listens, %s ends within seconds, with one line', async (_, words) => {
  const gone = net.createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as net.AddressInfo;
  gone.close();
  await place.configure({ endpoint: `http://127.0.0.1:${port}` });
  const started = performance.now();
  const { stdout, stderr, status } = await place.s3(words);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect([stdout, status]).toEqual(['', 1]);
  const [line, ...others] = stderr.split('\n').filter((text) => !/^(?:\d+ files?, .*)?$/.test(text));
  expect(line).toMatch(
    new RegExp(`^s3: .*connection refused: nothing listens there \\(127.0.0.1:${port}\\)$`),
  );
  expect(others).toEqual([]);
});

// s5cmd says nothing, with status 0.
describe('--no-clobber where the destination is there', () => {
  const skipped = (outcome: Outcome, message: RegExp): void => {
    expect(outcome.stderr).toMatch(message);
    expect([outcome.stdout, outcome.status]).toEqual(['', 3]);
  };
  beforeEach(async () => {
    await place.put({ k: 'old', 't/a': 'old' });
    await place.write('f', 'new');
    await place.write('t/a', 'new');
    await place.write('t/b', 'new');
  });

  test('one file: says that it was skipped', async () => {
    const line = /^s3: cp: skipped: f: s3:\/\/my-bucket\/k is there already\n$/;
    skipped(await place.s3(['cp', '--no-clobber', 'f', 's3://my-bucket/k']), line);
    skipped(await place.s3(['cp', '--no-clobber', '--dry-run', 'f', 's3://my-bucket/k']), line);
    skipped(
      await place.s3(['cp', '--no-clobber', 's3://my-bucket/k', 'f']),
      /^s3: cp: skipped: s3:\/\/my-bucket\/k: f is there already\n$/,
    );
    skipped(
      await place.s3(['cp', '--no-clobber', 's3://my-bucket/t/a', 's3://my-bucket/k']),
      /^s3: cp: skipped: s3:\/\/my-bucket\/t\/a: s3:\/\/my-bucket\/k is there already\n$/,
    );
    skipped(
      await place.s3(['pipe', '--no-clobber', 's3://my-bucket/k'], {}, place.folder, 'new'),
      /^s3: pipe: skipped: -: s3:\/\/my-bucket\/k is there already\n$/,
    );
    expect(await place.read('f')).toBe('new');
    expect((await place.s3(['cat', 's3://my-bucket/k'])).stdout).toBe('old');
  });

  test('mv keeps its source', async () => {
    skipped(await place.s3(['mv', '--no-clobber', 'f', 's3://my-bucket/k']), /skipped: f: /);
    expect(await place.files()).toContain('f');
    skipped(await place.s3(['mv', '--no-clobber', 's3://my-bucket/k', 'f']), /skipped: s3:/);
    expect(await place.objects()).toContain('k');
  });

  test.each<[string, string[], string]>([
    ['cp', ['cp', 'f', 's3://my-bucket/n'], ''],
    ['mv', ['mv', 'f', 's3://my-bucket/n'], ''],
    ['pipe', ['pipe', 's3://my-bucket/n'], 'new'],
    ['cp -r', ['cp', '-r', 'one', 's3://my-bucket/n'], ''],
  ])(
    'after a lost answer, it may be ours: that has failed, and nothing is taken away: %s',
    async (_, words, input) => {
      await place.write('one/f', 'new');
      place.server.inject({ operation: 'PutObject', reset: 'after' });
      const { stdout, stderr, status } = await place.s3([...words, '--no-clobber'], {}, place.folder, input);
      expect([stdout, status]).toEqual(['', 1]);
      expect(stderr).toContain('an earlier attempt may have done it');
      expect(stderr).not.toContain('skipped');
      expect(await place.files()).toContain('f');
    },
  );

  test('many files: counts them, and with --verbose names them', async () => {
    const { stderr, status } = await place.s3(['cp', '-r', '-v', '--no-clobber', 't', 's3://my-bucket/t']);
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(/^s3: cp: skipped: t\/a: [^\n]*\n1 file, 3 Bytes; 1 skipped in /),
    ]);
    skipped(
      await place.s3(['sync', '--no-clobber', 't', 's3://my-bucket/t']),
      /^0 files, 0 Bytes; 2 skipped in [^\n]*\n$/,
    );
    expect((await place.s3(['cat', 's3://my-bucket/t/a'])).stdout).toBe('old');
  });
});
