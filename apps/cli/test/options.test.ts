import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, stat, symlink, utimes } from 'node:fs/promises';
import { S3Name } from '@s3kit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { standIn } from './stand-in.ts';
import { prints, Workplace } from './workplace.ts';

let place: Workplace;
let onRequest: (operation: string) => void;
let age: number;
beforeEach(async () => {
  onRequest = () => undefined;
  age = 0;
  place = await Workplace.open({
    buckets: ['my-bucket'],
    now: () => new Date(Date.now() - age),
    onRequest: ({ operation }) => onRequest(operation ?? ''),
  });
});
afterEach(() => place.close());

describe('--if-match', () => {
  const eTag = async (key: string): Promise<string> =>
    (await place.storage.head(new S3Name(key, 'my-bucket'))).eTag ?? '';

  test('replaces an object only if it has that ETag, with quotes or without', async () => {
    await place.put({ k: 'one' });
    await place.write('f', 'two');
    const first = await eTag('k');
    expect(await place.s3(['cp', '--if-match', first, 'f', 's3://my-bucket/k'])).toEqual(prints(''));
    const refused = await place.s3(['cp', '--if-match', first, 'f', 's3://my-bucket/k']);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('PreconditionFailed')]);
    const bare = (await eTag('k')).replaceAll('"', '');
    const piped = await place.s3(['pipe', '--if-match', bare, 's3://my-bucket/k'], {}, place.folder, 'three');
    expect(piped).toEqual(prints(''));
    expect(await place.s3(['cat', 's3://my-bucket/k'])).toEqual(prints('three'));
  });

  test.each(['cp', 'mv'])('a dry run of %s asks, too', async (command) => {
    await place.put({ k: 'one' });
    const words = [command, '-n', 's3.yaml', 's3://my-bucket/k', '--if-match'];
    const refused = await place.s3([...words, 'wrong']);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('PreconditionFailed')]);
    expect((await place.s3([...words, await eTag('k')])).status).toBe(0);
    const missing = await place.s3([command, '-n', 's3.yaml', 's3://my-bucket/none', '--if-match', 'x']);
    expect(missing.status).toBe(4);
    expect((await place.s3([command, 's3.yaml', 's3://my-bucket/none', '--if-match', 'x'])).status).toBe(4);
  });

  test.each<[string, string[]]>([
    ['cp -r', ['cp', '-r', '.', 's3://my-bucket']],
    ['mv -r', ['mv', '-r', '.', 's3://my-bucket']],
    ['a wildcard', ['cp', 's3://my-bucket/*', 's3://my-bucket/x/']],
    ['a list', ['cp', '--files-from', 'list', '.', 's3://my-bucket']],
    ['two files', ['cp', 's3.yaml', 'f', 's3://my-bucket/']],
  ])('of many files is refused: %s', async (_, words) => {
    const { status, stderr } = await place.s3([...words, '--if-match', 'x']);
    expect([status, stderr]).toEqual([
      2,
      's3: --if-match is of one object: it cannot be that of many files; see s3 --help\n',
    ]);
    expect(await place.objects()).toEqual([]);
  });

  test('of what replaces no object is refused', async () => {
    const down = await place.s3(['cp', '--if-match', 'x', 's3://my-bucket/k', 'f']);
    expect([down.status, down.stderr]).toEqual([2, expect.stringContaining('a download replaces none')]);
    const both = await place.s3(['cp', '--if-match', 'x', '--no-clobber', 's3.yaml', 's3://my-bucket/k']);
    expect([both.status, both.stderr]).toEqual([2, expect.stringContaining('give one of them')]);
  });
});

test('find --name takes what a backslash stands before as it is, as in keys', async () => {
  await place.put({
    'st*r': '',
    star: '',
    'd/q?': '',
    'd/qa': '',
    '[a]': '',
    'b\\c': '',
    'b\\\\c': '',
    'x.y': '',
    xzy: '',
  });
  const found = async (name: string): Promise<string[]> =>
    (await place.s3(['find', '--key', '--name', name, 's3://my-bucket'])).stdout.split('\n').slice(0, -1);
  expect(await found('st\\*r')).toEqual(['st*r']);
  expect(await found('st*r')).toEqual(['st*r', 'star']);
  expect(await found('q\\?')).toEqual(['d/q?']);
  expect(await found('\\[a]')).toEqual(['[a]']);
  expect(await found('[?]')).toEqual(['[a]']);
  expect(await found('b\\c')).toEqual(['b\\c']);
  expect(await found('b\\\\c')).toEqual(['b\\c']);
  expect(await found('x.y')).toEqual(['x.y']);
});

test('diff heeds --folders, as sync does', async () => {
  await place.write('t/a', 'a');
  await mkdir(place.path('t/empty'));
  await place.s3(['sync', 't', 's3://my-bucket/t']);
  expect(await place.s3(['diff', 't', 's3://my-bucket/t'])).toEqual(prints(''));
  const diff = await place.s3(['diff', '--folders', 't', 's3://my-bucket/t']);
  expect([diff.stdout, diff.status]).toEqual(['< empty/\n', 1]);
  await place.s3(['sync', '--folders', 't', 's3://my-bucket/t']);
  expect(await place.s3(['diff', '--folders', 't', 's3://my-bucket/t'])).toEqual(prints(''));
});

test('diff heeds --preserve, as sync does', async () => {
  await place.write('t/a', 'a');
  // Newer than its object, which knows the file's own time.
  const then = new Date(Date.now() + 86_400_000);
  await utimes(place.path('t/a'), then, then);
  await place.s3(['sync', '--preserve', 't', 's3://my-bucket/t']);
  expect((await place.s3(['diff', 't', 's3://my-bucket/t'])).stdout).toBe('! a\n');
  expect(await place.s3(['diff', '--preserve', 't', 's3://my-bucket/t'])).toEqual(prints(''));
});

test('head -H shows the size for people, and programs still get a number', async () => {
  await place.put({ k: 'x'.repeat(2048) });
  expect((await place.s3(['head', 's3://my-bucket/k'])).stdout).toMatch(/^ {2}size: +2048$/m);
  expect((await place.s3(['head', '-H', 's3://my-bucket/k'])).stdout).toMatch(/^ {2}size: +2\.0 KiB$/m);
  expect(JSON.parse((await place.s3(['head', '-H', '--json', 's3://my-bucket/k'])).stdout)).toMatchObject({
    size: 2048,
  });
});

describe('what was withheld is told by the summary too:', () => {
  beforeEach(() => place.put({ 't/x': '', 't/y': '' }));

  test.each([
    ['more than --max-delete', ['--max-delete', '1'], 1],
    ['an empty source', [], 0],
  ])('%s', async (_, options, files) => {
    await mkdir(place.path('t'));
    if (files > 0) await place.write('t/new', '');
    const words = ['sync', '--delete', ...options, 't', 's3://my-bucket/t'];
    const { status, stdout, stderr } = await place.s3([...words, '--json']);
    expect([status, JSON.parse(stderr)]).toEqual([1, expect.objectContaining({ status: 'failed' })]);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'summary',
      status: 'failed',
      files,
      failed: 1,
      deleted: 0,
      withheld: 2,
    });
    expect((await place.s3(words)).stderr).toMatch(/^\d files?, 0 Bytes; 2 not deleted; .*1 failed in /m);
  });
});

describe('--files-from', () => {
  const list = (words: string[], names: string): ReturnType<Workplace['s3']> =>
    place.s3([...words, '--files-from', '-'], {}, place.folder, names);

  beforeEach(async () => {
    for (const name of ['a', 'b c', 'd/e', 'd/f']) await place.write(`t/${name}`, name);
  });

  test('cp takes what find prints, and leaves the rest', async () => {
    const up = await list(['cp', '-v', 't', 's3://my-bucket/t'], './a\n./d/e\n\n');
    expect([up.stdout, up.status]).toEqual([
      'upload: t/a to s3://my-bucket/t/a\nupload: t/d/e to s3://my-bucket/t/d/e\n',
      0,
    ]);
    expect(await place.objects()).toEqual(['t/a', 't/d/e']);
    expect((await list(['cp', 's3://my-bucket/t', 'down'], 'd/e\n')).status).toBe(0);
    expect(await place.files('down')).toEqual(['d/e']);
  });

  test('folders that find prints too are passed over', async () => {
    const { stdout, stderr, status } = await list(
      ['cp', '-v', '--from0', '.', 's3://my-bucket'],
      't\0t/a\0./\0t/d\0t/d/\0t/d/e\0',
    );
    expect([stdout, status]).toEqual([
      'upload: t/a to s3://my-bucket/t/a\nupload: t/d/e to s3://my-bucket/t/d/e\n',
      0,
    ]);
    expect(stderr).toMatch(/^2 files, 4 Bytes in /);
    expect(await place.objects()).toEqual(['t/a', 't/d/e']);
  });

  test('names of a list can end in NULs, and hold line breaks', async () => {
    await place.write('t/two\nlines', 'x');
    const { status } = await list(['cp', '--from0', 't', 's3://my-bucket'], './two\nlines\0b c\0');
    expect([status, await place.objects()]).toEqual([0, ['b c', 'two\nlines']]);
  });

  test('filters apply to a list, and what is not there is told', async () => {
    const words = ['cp', '--exclude', 'b*', 't', 's3://my-bucket'];
    const { status, stderr } = await list(words, 'a\nb c\n../s3.yaml\n/etc/passwd\nnone\n');
    expect(stderr.split('\n')).toEqual(
      expect.arrayContaining([
        's3: cp: t/../s3.yaml: ../s3.yaml leads out of t',
        's3: cp: t//etc/passwd: /etc/passwd leads out of t',
        's3: cp: t/none: no such file or directory',
      ]),
    );
    expect([status, await place.objects()]).toEqual([1, ['a']]);
  });

  test('mv moves, and a dry run only tells', async () => {
    const planned = await list(['mv', '-n', 't', 's3://my-bucket'], 'a\n');
    expect([planned.stdout, planned.status]).toEqual(['(dry run) upload: t/a to s3://my-bucket/a\n', 0]);
    await list(['mv', 't', 's3://my-bucket'], 'a\n');
    expect([await place.objects(), await place.files('t')]).toEqual([['a'], ['b c', 'd/e', 'd/f']]);
  });

  test('rm takes keys below its URI', async () => {
    await place.put({ 'p/a': '', 'p/b': '', 'p/c/d': '', a: '', 'p-a': '' });
    const planned = await list(['rm', '-n', 's3://my-bucket/p'], 'a\nc/d\n');
    expect(planned.stdout).toBe(
      '(dry run) delete: s3://my-bucket/p/a\n(dry run) delete: s3://my-bucket/p/c/d\n',
    );
    const { status, stderr } = await list(['rm', 's3://my-bucket/p'], 'a\nc/d\n');
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^0 files, 0 Bytes; 2 deleted in /)]);
    expect(await place.objects()).toEqual(['a', 'p-a', 'p/b']);
    expect((await list(['rm', '-r', 's3://my-bucket/p'], 'b\n')).status).toBe(2);
    expect(await place.objects()).toContain('p/b');
  });

  // As a list in Latin-1 has them.
  test.each([
    ['cp', '\n', ['t', 's3://my-bucket'], 1],
    ['mv', '\0', ['t', 's3://my-bucket'], 1],
    ['sync', '\n', ['t', 's3://my-bucket'], 2],
    ['diff', '\n', ['t', 's3://my-bucket'], 2],
    ['rm', '\0', ['s3://my-bucket'], 2],
  ] as const)('%s takes no names that are not UTF-8 and end in %j', async (verb, end, places, expected) => {
    await place.put({ '\ufffd': 'other' });
    await place.write('t/\ufffd', 'other');
    await place.write('list', Buffer.from(`none${end}\xe4${end}\xf6${end}`, 'latin1'));
    const options = [...(end === '\0' ? ['--from0'] : []), '--files-from', 'list'];
    const { status, stderr } = await place.s3([verb, ...options, ...places]);
    expect([status, stderr]).toEqual([expected, expect.stringContaining('list: line 2 is not UTF-8')]);
    expect(await place.objects()).toEqual(['\ufffd']);
    expect(await place.files('t')).toContain('\ufffd');
  });

  test.each([
    ['--filter-from', 'diff'],
    ['--filter-from', 'cp', '-r'],
    ['--files-from', 'sync'],
    ['--files-from', 'cp'],
  ])('%s names what it cannot read: %s', async (option, ...verb) => {
    const { status, stderr } = await place.s3([...verb, option, 't', 't', 's3://my-bucket']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('t: illegal operation on a directory')]);
  });

  test('--filter-from takes no patterns that are not UTF-8', async () => {
    await place.put({ '\ufffd': 'other' });
    await place.write('list', Buffer.from('- *\n+ \xe4\n', 'latin1'));
    const { status, stderr } = await place.s3(['rm', '-r', '--filter-from', 'list', 's3://my-bucket']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('list: line 2 is not UTF-8')]);
    expect(await place.objects()).toEqual(['\ufffd']);
  });

  test('a list may begin with the mark of UTF-8, and a letter lie between two chunks', async () => {
    const others = Array.from({ length: 9000 }, (_, index) => `${index}ääääääää\n`);
    await place.put({ ü: '', '8999ääääääää': '' });
    const { status } = await list(['rm', 's3://my-bucket'], `\ufeffü\n${others.join('')}`);
    expect([status, await place.objects()]).toEqual([0, []]);
  });

  test('sync and diff look at nothing else, on both sides', async () => {
    await place.put({ 'd/f': 'old f', 'd/gone': '', extra: '' });
    const names = 'a\nd/gone\n';
    const diff = await list(['diff', 't', 's3://my-bucket'], names);
    expect([diff.stdout, diff.status]).toEqual(['< a\n> d/gone\n', 1]);
    expect((await list(['sync', '--delete', 't', 's3://my-bucket'], names)).status).toBe(0);
    expect(await place.objects()).toEqual(['a', 'd/f', 'extra']);
  });
});

test('--preserve keeps time and permissions of one file, and gives them back; else a file has the time of its object', async () => {
  await place.write('f', 'x');
  await chmod(place.path('f'), 0o640);
  const then = new Date('2001-02-03T04:05:06.789Z');
  await utimes(place.path('f'), then, then);
  await place.s3(['cp', '--preserve', 'f', 's3://my-bucket/k']);
  const { metadata } = await place.storage.head(new S3Name('k', 'my-bucket'));
  expect(metadata).toEqual({ 'x-amz-meta-mtime': '981173106.789', 'x-amz-meta-mode': '100640' });
  await place.s3(['cp', '--preserve', 's3://my-bucket/k', 'g']);
  const given = await stat(place.path('g'));
  expect([given.mtime, given.mode & 0o777]).toEqual([then, 0o640]);
  age = 3_600_000;
  await place.put({ old: 'x' });
  await place.s3(['cp', 's3://my-bucket/old', 'h']);
  const { lastModified } = await place.storage.head(new S3Name('old', 'my-bucket'));
  expect((await stat(place.path('h'))).mtime).toEqual(lastModified);
});

describe('--resume of many files', () => {
  const count = 2_500;

  test('goes on after a kill -9, without listing what is done, and then forgets', async () => {
    for (let n = 0; n < count; n++) await place.write(`in/t/f${String(n).padStart(4, '0')}`, '');
    const words = ['sync', '--resume', 'in/t', 's3://my-bucket/t'];
    let sent = 0;
    const running = place.start(words);
    onRequest = (operation) => {
      if (operation === 'PutObject' && ++sent === 1_700) running.kill('SIGKILL');
    };
    expect((await running.ended).status).toBe(null);
    expect(await readdir(place.path('in'))).toEqual([
      expect.stringMatching(/^\.t\.[0-9a-f]{16}\.s3kit-sync$/),
      expect.stringMatching(/^\.t\.[0-9a-f]{16}\.s3kit-sync\.s3kit-lock$/),
      't',
    ]);
    const done = (await place.objects()).length;
    const recording = place.server.record();
    expect((await place.s3(words)).status).toBe(0);
    recording.stop();
    expect(recording.requests[0]?.target).toMatch(/start-after=t%2Ff[01]\d\d\d/);
    const again = recording.requests.filter(({ operation }) => operation === 'PutObject').length;
    expect(again).toBeLessThan(count - done + 200);
    expect(await place.objects()).toHaveLength(count);
    expect(await readdir(place.path('in'))).toEqual(['t']);
  });

  test.each<[string, string[]]>([
    ['cp -r', ['cp', '-r', 't', 's3://my-bucket/t']],
    ['sync', ['sync', 't', 's3://my-bucket/t']],
  ])(
    '%s tries again what has failed, and nothing else; --journal-folder keeps it elsewhere',
    async (_, words) => {
      await place.write('t/a', 'a');
      await place.write('t/b', 'b');
      place.server.inject({
        operation: 'PutObject',
        key: 't/b',
        error: { status: 403, code: 'AccessDenied' },
      });
      const kept = [...words, '--journal-folder', 'journals', '-v'];
      expect((await place.s3(kept)).status).toBe(1);
      expect(await readdir(place.path('journals'))).toHaveLength(1);
      expect(await readdir(place.folder)).toEqual(['journals', 's3.yaml', 't']);
      expect((await place.s3(kept)).stdout).toBe('upload: t/b to s3://my-bucket/t/b\n');
      expect(await readdir(place.path('journals'))).toEqual([]);
    },
  );

  test('what another command has left for its like is refused, with what to do about it', async () => {
    await place.write('t/a', 'a');
    place.server.inject({ operation: 'PutObject', key: 't/a', error: { status: 403, code: 'AccessDenied' } });
    const folders = ['t', 's3://my-bucket/t'];
    expect((await place.s3(['cp', '-r', '--resume', ...folders])).status).toBe(1);
    const [journal = ''] = (await readdir(place.folder)).filter((name) => name.endsWith('.s3kit-sync'));
    const { status, stderr } = await place.s3(['sync', '--resume', ...folders]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('Let that one finish, or delete the file')]);
    expect(stderr).toContain(journal);
    expect((await place.s3(['cp', '-r', '--resume', ...folders])).status).toBe(0);
    expect((await place.s3(['sync', '--resume', ...folders])).status).toBe(0);
  });

  describe('by what is to be stored', () => {
    /** What a run leaves of which one file fails, and how another then ends. */
    async function after(first: string[], second: string[]): Promise<{ status: number | null }> {
      await place.write('t/a', 'a');
      await place.write('key', new Uint8Array(32));
      const one = { operation: 'PutObject', key: 't/a', error: { status: 403, code: 'AccessDenied' } };
      place.server.inject(one);
      const words = ['cp', '-r', '--resume', 't', 's3://my-bucket/t'];
      expect((await place.s3([...words, ...first])).status).toBe(1);
      return place.s3([...words, ...second]);
    }

    test.each<[string, string[], string[]]>([
      ['metadata', ['--metadata', 'run=one'], ['--metadata', 'run=two']],
      ['a storage class', ['--storage-class', 'STANDARD_IA'], ['--storage-class', 'GLACIER']],
      ['an ACL', [], ['--acl', 'public-read']],
      ['tags', ['--tag', 'a=1'], ['--tag', 'a=2']],
      ['content types by the name', [], ['--no-guess-mime-type']],
      ['a key', [], ['--sse-c-key', 'key']],
      ['a checksum', [], ['--checksum-algorithm', 'sha256']],
    ])('another one is refused: %s', async (_, first, second) => {
      expect(await after(first, second)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('with other options'),
      });
    });

    test.each<[string, string[], string[]]>([
      ['metadata in another order', ['--metadata', 'a=1,b=2'], ['--metadata', 'b=2,a=1']],
      ['what was modified in the last week', ['--newer', '7d'], ['--newer', '7d']],
    ])('the same is taken up: %s', async (_, first, second) => {
      expect(await after(first, second)).toMatchObject({ status: 0 });
    });
  });

  test.each([
    ['an object that is copied', ['s3://my-bucket/k', 's3://my-bucket/copy']],
    [
      'an object that is copied between services',
      ['--source-config', 's3.yaml', 's3://my-bucket/k', 's3://my-bucket/copy'],
    ],
    ['standard input', ['-', 's3://my-bucket/copy']],
    ['standard output', ['s3://my-bucket/k', '-']],
  ])('of %s is refused', async (_, words) => {
    await place.put({ k: '1' });
    for (const option of [['--resume'], ['--journal-folder', 'journals']])
      expect(await place.s3(['cp', ...option, ...words])).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('nothing is remembered of one object that is copied, nor of -'),
      });
    expect(await place.objects()).toEqual(['k']);
  });

  test('of a wildcard or a list is refused', async () => {
    for (const words of [
      ['s3://my-bucket/*', 'x/'],
      ['--files-from', 'list', '.', 's3://my-bucket'],
    ])
      expect(await place.s3(['cp', '--resume', ...words])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('--resume is for one file or one folder'),
      });
  });
});

test('--sse-c-key: what is written with a key is read, copied and asked about with it only', async () => {
  await place.write('key', randomBytes(32));
  await place.write('other', randomBytes(32));
  await place.write('t/large', randomBytes(17 * 1024 * 1024));
  await place.write('t/small', 'secret');
  const key = ['--sse-c-key', 'key'];
  expect((await place.s3(['cp', '-r', ...key, 't', 's3://my-bucket/t'])).status).toBe(0);
  expect((await place.s3(['cat', 's3://my-bucket/t/small'])).status).toBe(1);
  expect((await place.s3(['cat', '--sse-c-key', 'other', 's3://my-bucket/t/small'])).status).toBe(1);
  expect(await place.s3(['cat', ...key, 's3://my-bucket/t/small'])).toEqual(prints('secret'));
  expect((await place.s3(['head', ...key, 's3://my-bucket/t/large'])).stdout).toContain('customer-algorithm');
  expect((await place.s3(['cp', ...key, 's3://my-bucket/t/small', 's3://my-bucket/u'])).status).toBe(0);
  expect(await place.s3(['cat', ...key, 's3://my-bucket/u'])).toEqual(prints('secret'));
  expect((await place.s3(['sync', ...key, 's3://my-bucket/t', 'down'])).status).toBe(0);
  expect(await place.read('down/large')).toBe(await place.read('t/large'));
  const short = await place.s3(['cat', '--sse-c-key', 's3.yaml', 's3://my-bucket/u']);
  expect([short.status, short.stderr]).toEqual([2, expect.stringContaining('a key has 32')]);
});

test('--request-payer goes with every request', async () => {
  const list =
    '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>0</Size><LastModified>2026-11-21T00:00:00.000Z</LastModified><ETag>"x"</ETag></Contents></ListBucketResult>';
  const service = await standIn(({ url }) => ({ body: url?.includes('list-type') ? list : '' }));
  const requester = { endpoint: service.endpoint };
  await place.configure(requester);
  await place.write('t/a', 'a');
  for (const words of [
    ['ls', 's3://my-bucket'],
    ['cp', 't/a', 's3://my-bucket/a'],
    ['cp', 's3://my-bucket/a', 'down'],
    ['sync', 't', 's3://my-bucket/t'],
    ['rm', 's3://my-bucket/a'],
    ['head', 's3://my-bucket/a'],
  ])
    await place.s3([...words, '--request-payer']);
  service.close();
  expect(new Set(service.requests.map(({ method }) => method))).toEqual(
    new Set(['GET', 'PUT', 'DELETE', 'HEAD']),
  );
  for (const { headers } of service.requests) expect(headers['x-amz-request-payer']).toBe('requester');
});

test('--limit-rate is kept to, up and down', async () => {
  await place.write('f', randomBytes(1_000_000));
  for (const words of [
    ['f', 's3://my-bucket/f'],
    ['s3://my-bucket/f', 'g'],
  ]) {
    const started = performance.now();
    expect((await place.s3(['cp', '--limit-rate', '500KB', ...words])).status).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(1_200);
  }
  expect(await place.read('g')).toBe(await place.read('f'));
});

test('--no-follow-symlinks leaves links out, as it was told to, and deletes nothing for them', async () => {
  await place.write('t/real/a', 'a');
  await symlink('real', place.path('t/folder'));
  await symlink('real/a', place.path('t/file'));
  await place.put({ 't/file': 'old' });
  const words = ['sync', '--delete', 't', 's3://my-bucket/t'];
  const { status, stderr } = await place.s3([...words, '--no-follow-symlinks']);
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^1 file, 1 Byte in /)]);
  expect(await place.objects()).toEqual(['t/file', 't/real/a']);
  expect((await place.s3(words)).status).toBe(0);
  expect(await place.objects()).toEqual(['t/file', 't/folder/a', 't/real/a']);
});

test('--version-id: cat, cp and mv take a version', async () => {
  const document = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await place.s3(['bucket', 'set', 'versioning', 's3://my-bucket'], {}, place.folder, document);
  await place.put({ k: 'first' });
  const { versionId = '' } = await place.storage.head(new S3Name('k', 'my-bucket'));
  await place.put({ k: 'second' });
  const version = ['--version-id', versionId];
  expect(await place.s3(['cat', ...version, 's3://my-bucket/k'])).toEqual(prints('first'));
  await place.s3(['cp', ...version, 's3://my-bucket/k', 'f']);
  expect(await place.read('f')).toBe('first');
  await place.s3(['cp', ...version, 's3://my-bucket/k', 's3://my-bucket/copy']);
  expect(await place.s3(['cat', 's3://my-bucket/copy'])).toEqual(prints('first'));
  await place.s3(['mv', ...version, 's3://my-bucket/k', 's3://my-bucket/moved']);
  expect(await place.s3(['cat', 's3://my-bucket/moved'])).toEqual(prints('first'));
  expect(await place.s3(['cat', 's3://my-bucket/k'])).toEqual(prints('second'));
  expect((await place.s3(['cat', ...version, 's3://my-bucket/k'])).status).toBe(4);
  expect((await place.s3(['cp', '-r', ...version, 's3://my-bucket/k', 'x'])).status).toBe(2);
});

test('an object is not moved onto itself', async () => {
  await place.put({ k: 'x' });
  const words = ['mv', '--metadata', 'a=b', 's3://my-bucket/k', 's3://my-bucket/k'];
  expect(await place.s3(words)).toMatchObject({ status: 2, stderr: expect.stringContaining('onto itself') });
  expect(await place.objects()).toEqual(['k']);
});

test('uploads list and abort --older-than leave those alone that are younger', async () => {
  const begin = async (key: string): Promise<unknown> =>
    place.storage.connection.send({ method: 'POST', bucket: 'my-bucket', key, query: { uploads: '' } });
  age = 10 * 24 * 3_600_000;
  await begin('old');
  age = 0;
  await begin('new');
  const words = (verb: string, ...options: string[]): string[] => [
    'uploads',
    verb,
    ...options,
    's3://my-bucket',
  ];
  expect((await place.s3(words('list'))).stdout).toMatch(
    / s3:\/\/my-bucket\/new\n.* s3:\/\/my-bucket\/old\n$/,
  );
  const old = await place.s3(words('list', '--older-than', '7d'));
  expect(old.stdout).toMatch(/^\S+ \S+ \S+ s3:\/\/my-bucket\/old\n$/);
  const planned = await place.s3(words('abort', '--older-than', '7d', '--dry-run'));
  expect(planned.stdout).toMatch(/^\(dry run\) abort: s3:\/\/my-bucket\/old \S+\n$/);
  expect(await place.uploads()).toHaveLength(2);
  expect((await place.s3(words('abort', '--older-than', '7d'))).status).toBe(0);
  expect((await place.s3(words('list'))).stdout).toMatch(/^[^\n]*\/new\n$/);
  expect((await place.s3(words('abort', '--older-than', 'soon'))).status).toBe(2);
  await place.s3(words('abort'));
  expect(await place.uploads()).toEqual([]);
});

describe('--expires', () => {
  const stored = async (value: string): Promise<unknown> => {
    await place.s3(['pipe', '--expires', value, 's3://my-bucket/k'], { TZ: 'Europe/Berlin' });
    const { stdout } = await place.s3(['head', '--json', 's3://my-bucket/k']);
    return (JSON.parse(stdout) as { headers: Record<string, unknown> }).headers['expires'];
  };

  // As RFC 9110, 5.6.7 has it.
  test.each([
    ['2026-12-01T00:00:00Z', 'Tue, 01 Dec 2026 00:00:00 GMT'],
    ['2026-12-01', 'Tue, 01 Dec 2026 00:00:00 GMT'],
    ['2026-12-01T10:00:00+01:00', 'Tue, 01 Dec 2026 09:00:00 GMT'],
    ['2026-12-01 10:00', 'Tue, 01 Dec 2026 09:00:00 GMT'],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT'],
  ])('%s is sent as %s', async (value, sent) => {
    expect(await stored(value)).toBe(sent);
  });

  test.each(['tomorrow', '7d', '0', '', '2026-02-31', '2026-12-01T25:00Z', 'Mon, 06 Nov 1994 08:49:37 GMT'])(
    '"%s" is no date',
    async (value) => {
      const { status, stderr } = await place.s3(['pipe', `--expires=${value}`, 's3://my-bucket/k']);
      expect([status, stderr]).toEqual([2, expect.stringContaining('--expires is a date such as')]);
      expect(await place.objects()).toEqual([]);
    },
  );
});

test('uploads of a key are those of that key; of a folder, of all below it', async () => {
  for (const key of ['log', 'log-old/x', 'log/a', 'logs/y'])
    await place.storage.connection.send({ method: 'POST', bucket: 'my-bucket', key, query: { uploads: '' } });
  const uploads = async (verb: string, ...words: string[]): Promise<string[]> => {
    const { stdout } = await place.s3(['uploads', verb, '-v', ...words]);
    return [...stdout.matchAll(/s3:\/\/my-bucket\/(\S+)/g)].map(([, key = '']) => key);
  };
  expect(await uploads('list', 's3://my-bucket/log')).toEqual(['log']);
  expect(await uploads('list', '-r', 's3://my-bucket/log')).toEqual(['log/a']);
  expect(await uploads('list', 's3://my-bucket/log/')).toEqual(['log/a']);
  expect(await uploads('list', 's3://my-bucket/lo')).toEqual([]);
  expect(await uploads('abort', 's3://my-bucket/log')).toEqual(['log']);
  expect(await uploads('list', 's3://my-bucket')).toEqual(['log-old/x', 'log/a', 'logs/y']);
  expect(await uploads('abort', '-r', 's3://my-bucket/logs')).toEqual(['logs/y']);
  expect(await uploads('list', 's3://my-bucket')).toEqual(['log-old/x', 'log/a']);
});

test.each([
  ['rm', '-r', 's3://my-bucket/none'],
  ['rm', '-r', '--all-versions', 's3://my-bucket/none'],
  ['rm', 's3://my-bucket/none*'],
  ['cp', '-r', 's3://my-bucket/none', 'down'],
  ['mv', 's3://my-bucket/none*', 'down/'],
  ['ls', '--summarize', 's3://my-bucket/none'],
])('where there was nothing of a name, the summary has failed: %s %s %s %s', async (...words) => {
  const { status, stdout } = await place.s3([...words, '--json']);
  expect([status, JSON.parse(stdout)]).toEqual([
    4,
    expect.objectContaining({ type: 'summary', status: 'failed' }),
  ]);
});

describe('rm of many', () => {
  // As with cp -r, mv -r and find.
  test.each([
    [['-r', '--older', '30d', 's3://my-bucket/logs']],
    [['-r', '--exclude', '*', 's3://my-bucket/logs']],
    [['-r', '--larger', '1GiB', 's3://my-bucket/logs']],
    [['-r', '--all-versions', '--older', '30d', 's3://my-bucket/logs']],
    [['--older', '30d', 's3://my-bucket/logs/*']],
  ])('what a filter leaves nothing of is there even so: %s', async (words) => {
    await place.put({ 'logs/a': '1', 'logs/b': '1' });
    const { status, stdout, stderr } = await place.s3(['rm', '--json', ...words]);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'summary', status: 'ok', deleted: 0, failed: 0 });
    const elsewhere = words.map((word) => word.replace('logs', 'none'));
    expect((await place.s3(['rm', ...elsewhere])).status).toBe(4);
  });

  test.each<[string, string[]]>([
    ['ListObjectsV2', ['-r', 's3://my-bucket/logs']],
    ['ListObjectsV2', ['s3://my-bucket/logs/*']],
    ['ListObjectVersions', ['-r', '--all-versions', 's3://my-bucket/logs']],
  ])('sums up what it has deleted before %s broke off: %s', async (operation, words) => {
    const keys = Array.from({ length: 1_500 }, (_, n) => `logs/${n}`);
    await place.put(Object.fromEntries(keys.map((key) => [key, ''])));
    place.server.inject({
      operation: operation as 'ListObjectsV2',
      skip: 1,
      times: 100,
      error: { status: 403, code: 'AccessDenied' },
    });
    const { status, stdout, stderr } = await place.s3(['rm', ...words, '--json']);
    const lines = stdout.trimEnd().split('\n');
    const summary = JSON.parse(lines.at(-1) ?? '');
    expect(summary).toMatchObject({ type: 'summary', status: 'failed', failed: 1 });
    expect([status, stderr]).toEqual([1, expect.stringContaining('AccessDenied')]);
    expect([summary.deleted, lines.length]).toEqual([1_000, 1_001]);
  });
});

test('a dry run is told what is in the way, as the run itself is', async () => {
  await place.put({ one: '1', 't/x': '1', 't/x/y': '1', 't/a//b': '1' });
  await place.write('d/one/f', '');
  const both = async (words: string[], input = ''): Promise<void> => {
    const planned = await place.s3(['cp', '--dry-run', ...words], {}, place.folder, input);
    expect(planned.status).not.toBe(0);
    const { stderr, status } = await place.s3(['cp', ...words], {}, place.folder, input);
    const told = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('s3: '));
    expect([new Set(told(planned.stderr)), planned.status]).toEqual([new Set(told(stderr)), status]);
  };
  await both(['s3://my-bucket/one', 'd/']);
  await both(['-r', 's3://my-bucket', 'd']);
  await both(['--files-from', '-', 's3://my-bucket', 'd'], 'one\n');
  await both(['--files-from', '-', 's3://my-bucket/t', 'e'], 'a//b\n');
  const listed = ['cp', '--dry-run', '--files-from', '-', 's3://my-bucket/t', 'f'];
  const { status, stderr } = await place.s3(listed, {}, place.folder, 'x\nx/y\n');
  expect([status, stderr]).toEqual([3, expect.stringContaining('t/x/y: "x" is there, and is no folder')]);
});

test('--version-id of two sources is refused', async () => {
  await place.put({ k: '1', m: '1' });
  const words = ['cp', '--version-id', 'null', 's3://my-bucket/k', 's3://my-bucket/m', 'down/'];
  expect(await place.s3(words)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--version-id is of one object: it cannot be that of many files'),
  });
});

describe('rm deletes no more than is meant', () => {
  const versioned = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';

  beforeEach(async () => {
    age = 10 * 24 * 3_600_000;
    await place.put({ 'logs/old.txt': '1', 'logs/old.log': '1' });
    age = 0;
    await place.put({ 'logs/new.txt': '1', 'logs/large.txt': 'x'.repeat(100) });
  });

  test.each<[string, string[], string[]]>([
    ['a wildcard and an age', ['s3://my-bucket/logs/*', '--older', '7d'], ['old.log', 'old.txt']],
    ['a wildcard and a pattern', ['s3://my-bucket/logs/*', '--exclude', '*.txt'], ['old.log']],
    ['a folder and a size', ['-r', 's3://my-bucket/logs', '--larger', '50'], ['large.txt']],
    ['all of them', ['-r', 's3://my-bucket/logs', '--older', '7d', '--include', '*'], ['old.log', 'old.txt']],
  ])('%s', async (_, words, gone) => {
    const before = await place.objects();
    expect((await place.s3(['rm', ...words])).status).toBe(0);
    const after = await place.objects();
    expect(before.filter((key) => !after.includes(key))).toEqual(gone.map((name) => `logs/${name}`));
  });

  test('versions, too, by their age', async () => {
    await place.s3(['bucket', 'set', 'versioning', 's3://my-bucket'], {}, place.folder, versioned);
    await place.put({ 'logs/old.txt': '2' });
    const words = ['rm', '-v', '-r', '--all-versions', '--older', '7d', 's3://my-bucket/logs/'];
    expect((await place.s3(words)).stdout).toBe(
      'delete: s3://my-bucket/logs/old.log (version null)\ndelete: s3://my-bucket/logs/old.txt (version null)\n',
    );
    expect(await place.objects()).toEqual(['logs/large.txt', 'logs/new.txt', 'logs/old.txt']);
  });

  test.each<[string[], string]>([
    [['s3://my-bucket/logs/old.txt', '--older', '7d'], 'are for --recursive and wildcards'],
    [['-r', 's3://my-bucket/logs', '--version-id', 'null'], '--version-id is of one object'],
    [
      ['s3://my-bucket/logs/old.txt', 's3://my-bucket/logs/old.log', '--version-id', 'null'],
      '--version-id is of one object',
    ],
  ])('%j is refused', async (words, message) => {
    expect(await place.s3(['rm', ...words])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(message),
    });
    expect(await place.objects()).toHaveLength(4);
  });
});

test.each<[string[], string]>([
  [['rb', '--force', 's3://my-bucket/logs/'], 'a bucket is meant: s3://my-bucket'],
  [['mb', 's3://other-bucket/logs'], 'a bucket is meant: s3://other-bucket'],
  [['bucket', 'delete', 'policy', 's3://my-bucket/k'], 'a bucket is meant'],
  [['sync', '--delete', 's3://my-bucket/k*', 'down'], 'has a wildcard, which means nothing here'],
  [['diff', 'down', 's3://my-bucket/k*'], 'has a wildcard'],
  [['du', 's3://my-bucket/k*'], 'has a wildcard'],
  [['find', 's3://my-bucket/k*'], 'has a wildcard'],
  [['uploads', 'abort', 's3://my-bucket/k*z'], 'has a wildcard'],
  [['versions', 'remove-old', '--keep', 'x', 's3://my-bucket'], '--keep is a whole number'],
])('%j does not mean more than it says: it is refused', async (words, message) => {
  await place.put({ 'logs/k': '' });
  expect(await place.s3(words)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
  expect(await place.objects()).toEqual(['logs/k']);
});
