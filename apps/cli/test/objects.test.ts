import { mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Name } from '@s3kit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, prints, program, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
  await place.s3(['mb', 's3://my-bucket']);
});
afterEach(() => place.close());

/** Puts small objects, each with its key as content. */
async function put(...keys: string[]): Promise<void> {
  await Promise.all(
    keys.map((key) => place.s3(['pipe', '--literal', `s3://my-bucket/${key}`], {}, place.folder, key)),
  );
}

async function keys(): Promise<string[]> {
  const { stdout } = await place.s3(['find', '--key', 's3://my-bucket']);
  return stdout.split('\n').slice(0, -1);
}

function records({ stdout }: Outcome): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

describe('ls', () => {
  beforeEach(() => put('a.txt', 'p/b.bin', 'p/q/c'));

  test('lists buckets, a level, and all below, in columns', async () => {
    expect((await place.s3(['ls'])).stdout).toMatch(new RegExp(`^${time} my-bucket\n$`));
    expect((await place.s3(['ls', 's3://my-bucket'])).stdout).toMatch(
      new RegExp(`^${time}          5 a.txt\n {27}PRE p/\n$`),
    );
    expect((await place.s3(['ls', '-r', 's3://my-bucket/p/'])).stdout).toMatch(
      new RegExp(`^${time}          7 p/b.bin\n${time}          5 p/q/c\n$`),
    );
    expect((await place.s3(['ls', '-r', '-H', '--summarize', 's3://my-bucket/p'])).stdout).toMatch(
      /7 Bytes p\/b\.bin\n.*5 Bytes p\/q\/c\n\nTotal Objects: 2\n {3}Total Size: 12 Bytes\n$/s,
    );
  });

  test('every line of --json has operation, status, type, name and size', async () => {
    await put('empty');
    await place.s3(['pipe', 's3://my-bucket/zero'], {}, place.folder, '');
    const found = records(await place.s3(['ls', '--json', 's3://my-bucket']));
    expect(found.map(({ type, name, size }) => [type, name, size])).toEqual([
      ['object', 's3://my-bucket/a.txt', 5],
      ['object', 's3://my-bucket/empty', 5],
      ['object', 's3://my-bucket/zero', 0],
      ['prefix', 's3://my-bucket/p/', null],
    ]);
    for (const record of found) expect(record).toMatchObject({ operation: 'ls', status: 'ok' });
  });

  test('what is not there has status 4; an empty bucket has not', async () => {
    expect(await place.s3(['ls', 's3://my-bucket/none'])).toMatchObject({ status: 4, stdout: '' });
    expect((await place.s3(['ls', 's3://no-bucket'])).status).toBe(4);
    await place.s3(['mb', 's3://empty-bucket']);
    expect(await place.s3(['ls', 's3://empty-bucket'])).toEqual(prints(''));
  });

  test('the scheme can be left out', async () => {
    expect((await place.s3(['ls', 'my-bucket/p/'])).stdout).toMatch(/ b\.bin\n +PRE q\/\n$/);
    expect((await place.s3(['find', '--key', 'my-bucket/p/q'])).stdout).toBe('p/q/c\n');
  });

  test('names that could drive a terminal are escaped there, and exact in a pipe', async () => {
    await put('red\u001b[31m');
    expect((await place.s3(['ls', 's3://my-bucket/red'])).stdout).toContain('red\u001b[31m');
    const shown = await place.onTerminal('ls s3://my-bucket/red');
    expect(shown).toContain('red\\u{1b}[31m');
    expect(shown).not.toContain('\u001b[31m');
  });
});

describe('wildcards', () => {
  beforeEach(() => put('d/a1.txt', 'd/a2.txt', 'd/b.txt', 'd/a3/x.txt', 'd/a*.txt'));

  test('mean keys of one level, and can be taken as they are', async () => {
    expect((await place.s3(['cat', 's3://my-bucket/d/a?.txt'])).stdout).toBe('d/a*.txtd/a1.txtd/a2.txt');
    expect(await place.s3(['cat', 's3://my-bucket/d/a\\*.txt'])).toEqual(prints('d/a*.txt'));
    expect(await place.s3(['cat', '--literal', 's3://my-bucket/d/a*.txt'])).toEqual(prints('d/a*.txt'));
    expect((await place.s3(['cat', 's3://my-bucket/d/z*'])).status).toBe(4);
    expect((await place.s3(['cat', 's3://my-bucket/d*/a1.txt'])).stdout).toBe('d/a1.txt');
  });

  test('in folders, and across them', async () => {
    await put('d/e-1/x.txt', 'd/e-1/y/x.txt', 'd/e-2/x.txt', 'd/e-2/z.txt', 'other/x.txt');
    const shown = async (...args: string[]): Promise<string[]> =>
      [...(await place.s3(args)).stdout.matchAll(/\S+$/gm)].map(([name]) => name);
    expect(await shown('ls', 's3://my-bucket/d/e-*/x.txt')).toEqual(['e-1/x.txt', 'e-2/x.txt']);
    expect(await shown('ls', 's3://my-bucket/d/e-*')).toEqual(['e-1/', 'e-2/']);
    expect(await shown('ls', 's3://my-bucket/d/**/x.txt')).toEqual([
      'a3/x.txt',
      'e-1/x.txt',
      'e-1/y/x.txt',
      'e-2/x.txt',
    ]);
    await place.s3(['cp', 's3://my-bucket/d/e-?/**', 'down']);
    expect(await place.files('down')).toEqual(['e-1/x.txt', 'e-1/y/x.txt', 'e-2/x.txt', 'e-2/z.txt']);
    await place.s3(['cp', '--exclude', 'y', 's3://my-bucket/**/x.txt', 'all']);
    expect(await place.files('all')).toEqual(['d/a3/x.txt', 'd/e-1/x.txt', 'd/e-2/x.txt', 'other/x.txt']);
    expect((await place.s3(['mv', 's3://my-bucket/d/e-2/**', 's3://my-bucket/moved/'])).status).toBe(0);
    expect((await place.s3(['rm', 's3://my-bucket/d/**'])).status).toBe(0);
    expect(await keys()).toEqual(['moved/x.txt', 'moved/z.txt', 'other/x.txt']);
  });

  test('with -r stand for folders, and what is below these', async () => {
    const below = ['d/a*.txt', 'd/a1.txt', 'd/a2.txt', 'd/a3/x.txt', 'd/a3/y/x.txt'];
    await put('d/a3/y/x.txt', 'd/b/a1');
    const told = async (...words: string[]): Promise<unknown[]> =>
      records(await place.s3([...words, '--json']))
        .map(({ name }) => String(name).replace('s3://my-bucket/', ''))
        .filter((name) => name !== '');
    expect(await told('rm', '-n', '-r', 's3://my-bucket/d/a*')).toEqual(below);
    expect(await told('rm', '-n', '-r', '--all-versions', 's3://my-bucket/d/a*')).toEqual(below);
    expect(await told('ls', '-r', 's3://my-bucket/d/a*')).toEqual(below);
    expect(await told('versions', 'list', '-r', 's3://my-bucket/d/a*')).toEqual(below);
    expect(await told('rm', '-n', 's3://my-bucket/d/a*')).toEqual(['d/a*.txt', 'd/a1.txt', 'd/a2.txt']);
    await place.s3(['cp', '-r', 's3://my-bucket/d/a3*', 'down']);
    expect(await place.files('down')).toEqual(['a3/x.txt', 'a3/y/x.txt']);
    // As a shell has it: it is none of what the wildcard means.
    expect((await place.s3(['mv', '-r', 's3://my-bucket/d/a*', 's3://my-bucket/d/old/'])).status).toBe(0);
    expect(await keys()).toEqual([
      ...['d/b.txt', 'd/b/a1', 'd/old/a*.txt', 'd/old/a1.txt', 'd/old/a2.txt'],
      ...['d/old/a3/x.txt', 'd/old/a3/y/x.txt'],
    ]);
    const into = await place.s3(['mv', '-r', 's3://my-bucket/d/*', 's3://my-bucket/d/old/']);
    expect(into).toMatchObject({ status: 1, stderr: expect.stringContaining('lies in the source') });
    expect((await place.s3(['rm', '-r', 's3://my-bucket/d/o*'])).status).toBe(0);
    expect(await keys()).toEqual(['d/b.txt', 'd/b/a1']);
  });

  test.each([
    ['rm', '-r', 's3://my-bucket/d/a1.txt'],
    ['rm', '-r', '--all-versions', 's3://my-bucket/d/a1.txt'],
    ['cp', '-r', 's3://my-bucket/d/a1.txt', 'down'],
    ['mv', '-r', 's3://my-bucket/d/a1.txt', 's3://my-bucket/e/'],
  ])('nor is an object a folder: %s %s %s %s', async (...words) => {
    const { status, stderr } = await place.s3(words.filter((word) => word !== undefined));
    expect([status, stderr]).toEqual([
      4,
      expect.stringContaining('there is no folder of that name, but an object: leave out --recursive'),
    ]);
    expect(await keys()).toContain('d/a1.txt');
  });

  test('rm and cp take them', async () => {
    await place.s3(['cp', 's3://my-bucket/d/a?.txt', 'out/']);
    expect((await readdir(place.path('out'))).toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
      'a*.txt',
      'a1.txt',
      'a2.txt',
    ]);
    expect(await place.s3(['rm', '--dry-run', 's3://my-bucket/d/a1*'])).toMatchObject({
      stdout: '(dry run) delete: s3://my-bucket/d/a1.txt\n',
      status: 0,
    });
    await place.s3(['rm', 's3://my-bucket/d/a?.txt']);
    expect(await keys()).toEqual(['d/a3/x.txt', 'd/b.txt']);
  });
});

describe('cp and mv', () => {
  beforeEach(() => place.write('f.txt', 'content'));

  test('one file: up, down, within, by standard input and output', async () => {
    expect(await place.s3(['cp', '-v', 'f.txt', 's3://my-bucket'])).toEqual(
      prints('upload: f.txt to s3://my-bucket/f.txt\n'),
    );
    await place.s3(['cp', 'f.txt', 's3://my-bucket/x/']);
    await place.s3(['cp', 's3://my-bucket/f.txt', 's3://my-bucket/g.txt']);
    await place.s3(['cp', '-', 's3://my-bucket/in'], {}, place.folder, 'from input');
    expect(await keys()).toEqual(['f.txt', 'g.txt', 'in', 'x/f.txt']);
    expect(await place.s3(['cp', 's3://my-bucket/in', '-'])).toEqual(prints('from input'));
    await place.s3(['cp', 's3://my-bucket/in', 'deep/down/']);
    expect(await place.read('deep/down/in')).toBe('from input');
    const head = records(await place.s3(['head', '--json', 's3://my-bucket/g.txt']))[0];
    expect(head).toMatchObject({ size: 7, headers: { 'content-type': 'text/plain' } });
  });

  test.each([['cp', '-r'], ['mv', '-r'], ['sync']])(
    '%s: what goes from S3 to S3 keeps its content type',
    async (...command) => {
      await place.s3(['cp', '--content-type', 'text/x-test', 'f.txt', 's3://my-bucket/d/f.txt']);
      await place.s3([...command, 's3://my-bucket/d', 's3://my-bucket/e']);
      const [head] = records(await place.s3(['head', '--json', 's3://my-bucket/e/f.txt']));
      expect(head).toMatchObject({ headers: { 'content-type': 'text/x-test' } });
    },
  );

  test('mv deletes what has arrived', async () => {
    await place.s3(['mv', 'f.txt', 's3://my-bucket/a']);
    await expect(stat(place.path('f.txt'))).rejects.toThrow('ENOENT');
    await place.s3(['mv', 's3://my-bucket/a', 's3://my-bucket/b']);
    expect(await keys()).toEqual(['b']);
    await place.s3(['mv', 's3://my-bucket/b', 'back.txt']);
    expect(await keys()).toEqual([]);
    expect(await place.read('back.txt')).toBe('content');
  });

  test('what cannot be a bucket does not keep the others, when there is one made already', async () => {
    const { status, stderr } = await place.s3(['mb', 's3://made-1', 's3://BAD', 's3://made-2']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('invalid bucket name "BAD"')]);
    expect((await place.s3(['ls'])).stdout).toMatch(/made-1\n.*made-2\n/);
    expect((await place.s3(['mb', 's3://BAD', 's3://made-3'])).status).toBe(2);
    for (const bucket of ['s3://made-1', 's3://made-2']) await place.s3(['rb', bucket]);
  });

  test('mv within a directory bucket renames, unless the copy is to be another', async () => {
    const bucket = 's3://moves--use1-az4--x-s3';
    await place.s3(['mb', bucket]);
    await place.s3(['cp', 'f.txt', `${bucket}/a`]);
    const recording = place.server.record();
    const changes = (): unknown[] =>
      recording.requests
        .filter(({ method }) => !['GET', 'HEAD'].includes(method))
        .map(({ operation }) => operation);
    expect(await place.s3(['mv', '-v', `${bucket}/a`, `${bucket}/d/`])).toEqual(
      prints(`move: ${bucket}/a to ${bucket}/d/a\n`),
    );
    expect(changes()).toEqual(['RenameObject']);
    expect((await place.s3(['cat', `${bucket}/d/a`])).stdout).toBe('content');
    await place.s3(['mv', '--metadata', 'a=1', `${bucket}/d/a`, `${bucket}/b`]);
    expect(changes().slice(1)).toEqual(['CopyObject', 'DeleteObject']);
    await place.s3(['cp', 'f.txt', `${bucket}/c`]);
    const kept = await place.s3(['mv', '--no-clobber', `${bucket}/b`, `${bucket}/c`]);
    expect([kept.status, changes().at(-1)]).toEqual([3, 'RenameObject']);
    expect((await place.s3(['ls', `${bucket}/`])).stdout.match(/\S+$/gm)).toEqual(['b', 'c']);
    place.server.inject({ operation: 'RenameObject', error: { status: 501, code: 'NotImplemented' } });
    await place.s3(['mv', `${bucket}/b`, `${bucket}/e`]);
    expect(changes().slice(-3)).toEqual(['RenameObject', 'CopyObject', 'DeleteObject']);
    expect((await place.s3(['mv', `${bucket}/none`, `${bucket}/c`])).status).toBe(4);
    expect(recording.requests.at(-1)).toMatchObject({ operation: 'HeadObject', status: 404 });
    recording.stop();
  });

  test('headers, metadata and tags go with what is written', async () => {
    await place.s3([
      ...['cp', 'f.txt', 's3://my-bucket/k', '--metadata', 'a=1,b=two, words', '--tag', 'state=new'],
      ...['--cache-control', 'no-store', '--content-type', 'text/x-test', '--storage-class', 'STANDARD_IA'],
    ]);
    const [head] = records(await place.s3(['head', '--json', 's3://my-bucket/k']));
    expect(head?.['headers']).toMatchObject({
      'x-amz-meta-a': '1',
      'x-amz-meta-b': 'two, words',
      'cache-control': 'no-store',
      'content-type': 'text/x-test',
      'x-amz-storage-class': 'STANDARD_IA',
    });
    expect(await place.s3(['tag', 'get', 's3://my-bucket/k'])).toEqual(prints('state=new\n'));
  });

  test('a list of files, and what is not there', async () => {
    await place.write('t/a', 'a');
    await place.write('t/b c', 'b');
    const outcome = await place.s3(
      ['cp', '--files-from', '-', 't', 's3://my-bucket/l'],
      {},
      place.folder,
      'a\nb c\nnone\n',
    );
    expect([outcome.status, outcome.stderr]).toEqual([
      4,
      expect.stringMatching(/^s3: cp: t\/none: no such file or directory\n2 files, 2 Bytes; 1 failed in /),
    ]);
    expect(await keys()).toEqual(['l/a', 'l/b c']);
    expect((await place.s3(['cp', 's3://my-bucket/none', '.'])).status).toBe(4);
    const missing = await place.s3(['cp', '-r', 's3://my-bucket/none/', 'x']);
    expect([missing.status, missing.stderr]).toEqual([
      4,
      expect.stringContaining('s3://my-bucket/none/: there'),
    ]);
    const wild = await place.s3(['cp', 's3://my-bucket/none*', 'x/']);
    expect([wild.status, wild.stderr]).toEqual([4, expect.stringContaining('s3://my-bucket/none*: there')]);
    // A folder may be empty, and a filter may leave nothing.
    expect((await place.s3(['cp', '-r', 's3://my-bucket/l', 'x', '--exclude', '*'])).status).toBe(0);
    expect((await place.s3(['cp', '-r', 't', 's3://my-bucket/l', '--newer', '0s'])).status).toBe(0);
  });
});

describe('many files', () => {
  beforeEach(async () => {
    for (const name of ['a.txt', 'empty', 'sub/b.jpg', 'sub/deep/ü x.txt'])
      await place.write(`t/${name}`, name === 'empty' ? '' : name);
  });

  test('sync sends, leaves alone, and deletes only when told; a dry run says so', async () => {
    const planned = await place.s3(['sync', '-n', 't', 's3://my-bucket/t']);
    expect(planned.stdout.split('\n')).toContain('(dry run) upload: t/empty to s3://my-bucket/t/empty');
    expect(planned.stderr).toMatch(/^\(dry run\) 4 files, \d+ Bytes in /);
    expect(await keys()).toEqual([]);
    expect((await place.s3(['sync', 't', 's3://my-bucket/t'])).stderr).toMatch(/^4 files, \d+ Bytes in /);
    expect((await place.s3(['sync', 't', 's3://my-bucket/t'])).stderr).toContain('4 unchanged');
    await put('t/extra');
    expect(await place.s3(['diff', 't', 's3://my-bucket/t'])).toEqual({
      stdout: '> extra\n',
      stderr: '',
      status: 1,
    });
    expect((await place.s3(['sync', '--delete', '--max-delete', '0', 't', 's3://my-bucket/t'])).status).toBe(
      1,
    );
    expect(await keys()).toContain('t/extra');
    await place.s3(['sync', '--delete', 't', 's3://my-bucket/t']);
    expect(await place.s3(['diff', 't', 's3://my-bucket/t'])).toEqual(prints(''));
  });

  test('what cannot be deleted is told of by the name that it has in the destination', async () => {
    await mkdir(place.path('empty'));
    await put('t/extra');
    place.server.inject({ operation: 'DeleteObject', error: { status: 403, code: 'AccessDenied' } });
    const up = await place.s3(['sync', '--delete', '--allow-empty-source', 'empty', 's3://my-bucket/t']);
    expect([up.status, up.stderr]).toEqual([
      1,
      expect.stringMatching(/^s3: sync: s3:\/\/my-bucket\/t\/extra: AccessDenied/),
    ]);
    await place.write('outside/x', '');
    await symlink('../outside', place.path('empty/link'));
    const down = await place.s3(['sync', '--delete', 's3://my-bucket/t', 'empty']);
    expect([down.status, down.stderr]).toEqual([
      3,
      expect.stringMatching(/^s3: sync: skipped: empty\/link\/x: .* leads out of the destination/),
    ]);
    const one = await place.s3(['diff', 's3://my-bucket/t', 't/sub']);
    await symlink('nowhere', place.path('t/sub/broken'));
    const two = await place.s3(['diff', 's3://my-bucket/t', 't/sub']);
    expect([one.stderr, two.stderr]).toEqual([
      '',
      expect.stringMatching(/^s3: diff: skipped: t\/sub\/broken: /),
    ]);
  });

  test('filters are ordered: the last that matches wins', async () => {
    await place.s3([
      'cp',
      '-r',
      't',
      's3://my-bucket',
      '--exclude',
      '*',
      '--include',
      '*.txt',
      '--exclude',
      'a.*',
    ]);
    expect(await keys()).toEqual(['sub/deep/ü x.txt']);
  });

  test('--json tells of each file, and sums up', async () => {
    const told = records(await place.s3(['cp', '-r', '--json', 't', 's3://my-bucket/t/']));
    expect(new Set(told.map(({ type, size }) => `${String(type)} ${String(size)}`))).toEqual(
      new Set(['file 0', 'file 17', 'file 5', 'file 9', 'summary 31']),
    );
    expect(told.at(-1)).toMatchObject({ type: 'summary', files: 4, failed: 0 });
  });

  test('rm -r leaves a folder of a longer name alone', async () => {
    await put('logs/a', 'logs-old/a');
    expect((await place.s3(['rm', '-r', 's3://my-bucket/logs'])).status).toBe(0);
    expect(await keys()).toEqual(['logs-old/a']);
    expect((await place.s3(['rm', '-r', 's3://my-bucket/lo'])).status).toBe(4);
  });
});

test('versions: list, restore, undelete, remove-old; rb --force', async () => {
  const document = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await place.s3(['bucket', 'set', 'versioning', 's3://my-bucket'], {}, place.folder, document);
  const write = (text: string): Promise<Outcome> =>
    place.s3(['pipe', 's3://my-bucket/k'], {}, place.folder, text);
  await write('one');
  await write('two');
  const list = async (): Promise<Record<string, unknown>[]> =>
    records(await place.s3(['versions', 'list', '--json', 's3://my-bucket/k']));
  const [newest, oldest] = await list();
  expect([newest?.['isLatest'], oldest?.['isLatest']]).toEqual([true, false]);
  await place.s3(['versions', 'restore', 's3://my-bucket/k', String(oldest?.['versionId'])]);
  expect((await place.s3(['cat', 's3://my-bucket/k'])).stdout).toBe('one');
  await place.s3(['rm', 's3://my-bucket/k']);
  expect((await place.s3(['cat', 's3://my-bucket/k'])).status).toBe(4);
  await place.s3(['versions', 'undelete', 's3://my-bucket/k']);
  expect((await place.s3(['cat', 's3://my-bucket/k'])).stdout).toBe('one');
  await place.s3(['versions', 'remove-old', 's3://my-bucket']);
  expect(await list()).toHaveLength(1);
  await place.s3(['rm', 's3://my-bucket/k']);
  expect((await place.s3(['rb', 's3://my-bucket'])).stderr).toContain('BucketNotEmpty');
  expect(await place.s3(['rb', '--force', 's3://my-bucket'])).toEqual(prints(''));
  expect(await place.s3(['ls'])).toEqual(prints(''));
});

describe('versions of many', () => {
  const versioned = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';

  beforeEach(async () => {
    await place.s3(['bucket', 'set', 'versioning', 's3://my-bucket'], {}, place.folder, versioned);
    for (let round = 0; round < 2; round++) await put('logs/a', 'logs/b', 'logs-old/a');
  });

  const versions = async (): Promise<string[]> =>
    records(await place.s3(['versions', 'list', '--json', 's3://my-bucket'])).map(({ name }) => String(name));

  test.each([
    [
      ['versions', 'remove-old', '-r', 's3://my-bucket/logs'],
      ['logs-old/a', 'logs-old/a', 'logs/a', 'logs/b'],
    ],
    [
      ['versions', 'remove-old', 's3://my-bucket/logs/a'],
      ['logs-old/a', 'logs-old/a', 'logs/a', 'logs/b', 'logs/b'],
    ],
    [
      ['rm', '-r', '--all-versions', 's3://my-bucket/logs'],
      ['logs-old/a', 'logs-old/a'],
    ],
    [
      ['rm', '--all-versions', 's3://my-bucket/logs/a'],
      ['logs-old/a', 'logs-old/a', 'logs/b', 'logs/b'],
    ],
    [
      ['rm', '--all-versions', 's3://my-bucket/*/a'],
      ['logs/b', 'logs/b'],
    ],
  ])('%j deletes those that are meant', async (words, left) => {
    const told = async (): Promise<unknown[]> =>
      records(await place.s3([...words, '--json'])).filter(({ action }) => action === 'delete');
    words.push('--dry-run');
    expect(await told()).toHaveLength(6 - left.length);
    expect(await versions()).toHaveLength(6);
    words.pop();
    expect(await told()).toHaveLength(6 - left.length);
    expect(await versions()).toEqual(left.map((key) => `s3://my-bucket/${key}`));
  });

  describe('undelete', () => {
    const undelete = (...words: string[]): Promise<Outcome> => place.s3(['versions', 'undelete', ...words]);

    test.each([['s3://my-bucket/logs/a'], ['s3://my-bucket/logs/'], ['-r', 's3://my-bucket/logs']])(
      'takes away all markers on top: %j',
      async (...words) => {
        for (let round = 0; round < 2; round++) await place.s3(['rm', 's3://my-bucket/logs/a']);
        expect(await undelete('-n', ...words)).toMatchObject({
          stdout: expect.stringMatching(/^(\(dry run\) undelete: .*\n){2}$/),
          status: 0,
        });
        expect(await place.objects()).toEqual(['logs-old/a', 'logs/b']);
        expect(await undelete(...words)).toEqual(prints(''));
        expect(await place.objects()).toEqual(['logs-old/a', 'logs/a', 'logs/b']);
        expect(await versions()).toHaveLength(6);
      },
    );

    test('leaves markers below the newest version where they are', async () => {
      await place.s3(['rm', 's3://my-bucket/logs/a']);
      await put('logs/a');
      const { status, stderr } = await undelete('s3://my-bucket/logs/a');
      expect([status, stderr]).toEqual([4, expect.stringContaining('nothing of that name is deleted')]);
      expect(await versions()).toHaveLength(8);
    });

    test('tells of what cannot be brought back, and brings back the others', async () => {
      await place.s3(['rm', 's3://my-bucket/logs/a', 's3://my-bucket/logs/b']);
      await place.s3(['versions', 'remove-old', 's3://my-bucket/logs/a']);
      const { status, stderr } = await undelete('s3://my-bucket/logs/');
      expect([status, stderr]).toEqual([
        4,
        's3: versions undelete: s3://my-bucket/logs/a: it cannot be brought back: nothing but markers is left of it\n',
      ]);
      expect(await place.objects()).toEqual(['logs-old/a', 'logs/b']);
    });
  });

  test('what is locked is told of, and does not keep the others', async () => {
    const lock =
      '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>';
    await place.s3(['bucket', 'set', 'objectLock', 's3://my-bucket'], {}, place.folder, lock);
    await put('logs/a');
    const outcome = await place.s3(['rm', '-r', '--all-versions', 's3://my-bucket']);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain('s3://my-bucket/logs/a: AccessDenied');
    expect(await versions()).toEqual(['s3://my-bucket/logs/a']);
    expect((await place.s3(['rb', '--force', 's3://my-bucket'])).stderr).toContain('BucketNotEmpty');
  });
});

test('du adds up folders', async () => {
  await put('a/1', 'a/b/2', 'c');
  expect(await place.s3(['du', 's3://my-bucket'])).toEqual(
    prints('9\t3\ts3://my-bucket/\n8\t2\ts3://my-bucket/a/\n'),
  );
  const shown = await place.onTerminal('du s3://my-bucket');
  expect(shown).toContain('█'.repeat(20));
});

describe('on a terminal', () => {
  beforeEach(() => place.write('t/a', 'a'));

  test('a transfer shows how far it is, and a summary', async () => {
    const shown = await place.onTerminal('cp -r t s3://my-bucket/t');
    expect(shown).toContain('\u2591');
    expect(shown).toContain('\u001b[36m');
    expect(shown).toMatch(/1 file, 1 Byte in /);
  });

  test('and leaves the terminal as it was, whenever it ends', async () => {
    await place.write('t/b', Buffer.alloc(1024 * 1024));
    const command = `cp -r --limit-rate 64KiB t s3://my-bucket/t`;
    const killed = `timeout -s KILL 2 ${process.execPath} ${program} ${command}`;
    const { stdout } = await place.shell(`script -qec '${killed}' /dev/null`, { TERM: 'xterm' });
    expect(stdout).toContain('\u2591');
    // DECTCEM, which hides the cursor, and DECAWM, which has lines wrap.
    expect(stdout).not.toContain('\u001b[?25l');
    expect(stdout.lastIndexOf('\u001b[?7h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?7l'));
  });

  test('of a folder, how much is left, and how long that takes', async () => {
    for (let n = 0; n < 8; n++) await place.write(`t/${n}`, Buffer.alloc(128 * 1024));
    const shown = await place.onTerminal('cp -r --concurrency 1 --limit-rate 512KiB t s3://my-bucket/t');
    expect(shown).toMatch(/ of 1\.0 MiB, \d files?, [\d.]+ (?:Bytes|KiB|MiB)\/s, (?:\d+ m )?[\d.]+ s left/);
  });

  test.each([
    ['sync', '512.0 KiB'],
    ['cp -r --no-clobber', '512.0 KiB'],
    ['mv -r', '1.0 MiB'],
  ])('%s tells of what is to be sent, and not of all', async (command, total) => {
    for (let n = 0; n < 8; n++) await place.write(`u/${n}`, Buffer.alloc(128 * 1024));
    for (let n = 0; n < 4; n++) await place.put({ [`u/${n}`]: Buffer.alloc(128 * 1024) });
    const shown = await place.onTerminal(`${command} --concurrency 1 --limit-rate 512KiB u s3://my-bucket/u`);
    const totals = [...shown.matchAll(/ of ([\d.]+ \w+), \d files?/g)].map(([, of]) => of);
    expect(new Set(totals)).toEqual(new Set([total]));
    expect(shown).toMatch(/B\/s, (?:\d+ m )?[\d.]+ s left/);
  });

  test('where a count would read all files for their checksums, no time is told', async () => {
    for (let n = 0; n < 4; n++) await place.write(`t/${n}`, Buffer.alloc(128 * 1024));
    const shown = await place.onTerminal('sync --checksum --limit-rate 512KiB t s3://my-bucket/t');
    expect(shown).toMatch(/ files?, [\d.]+ \w+\/s/);
    expect(shown).not.toContain(' left');
  });

  test('of a run that goes on where another has ended, no time is told', async () => {
    const command = 'cp -r --resume --concurrency 1 --limit-rate 512KiB u s3://my-bucket/u';
    for (let n = 0; n < 4; n++) await place.write(`u/${n}`, Buffer.alloc(128 * 1024));
    await symlink('nowhere', join(place.folder, 'u/-'));
    expect(await place.onTerminal(command)).toContain(' left');
    for (let n = 4; n < 8; n++) await place.write(`u/${n}`, Buffer.alloc(128 * 1024));
    const shown = await place.onTerminal(command);
    expect(shown).toMatch(/[1-9]\d* files?, [\d.]+ \w+\/s/);
    expect(shown).not.toContain(' left');
  });

  test.each<[string, string, NodeJS.ProcessEnv]>([
    ['--no-progress', 'cp -r --no-progress t s3://my-bucket/t', {}],
    ['CI', 'cp -r t s3://my-bucket/t', { CI: 'true' }],
    ['TERM=dumb', 'cp -r t s3://my-bucket/t', { TERM: 'dumb' }],
  ])('%s takes the display away', async (_, command, environment) => {
    expect(await place.onTerminal(command, environment)).not.toContain('\u2591');
  });

  test('nor is there one in a pipe', async () => {
    const { stderr } = await place.s3(['cp', '-r', 't', 's3://my-bucket/t'], { TERM: 'xterm' });
    expect(stderr).toMatch(/^1 file, 1 Byte in \d+\.\d s\n$/);
  });

  test('NO_COLOR takes the colour away', async () => {
    const shown = await place.onTerminal('cp -r t s3://my-bucket/t', { NO_COLOR: '1' });
    expect(shown).toContain('\u2591');
    expect(shown).not.toContain('\u001b[36m');
  });
});

test('an extension tells of the content type, and nothing else of a name', async () => {
  const types = {
    'a.md': 'text/markdown',
    'b.tar.gz': 'application/gzip',
    'c.d/e.HTML': 'text/html',
    '.md': undefined,
    md: undefined,
    'zip.d/html': undefined,
    'f.': undefined,
    'g.constructor': undefined,
  };
  for (const name of Object.keys(types)) await place.write(`t/${name}`, '');
  expect((await place.s3(['cp', '-r', 't', 's3://my-bucket/t'])).status).toBe(0);
  expect((await place.s3(['cp', 't/md', 's3://my-bucket/one/html'])).status).toBe(0);
  expect((await place.s3(['pipe', 's3://my-bucket/one/zip'], {}, place.folder, '')).status).toBe(0);
  const typeOf = async (key: string): Promise<string | undefined> =>
    (await place.storage.head(new S3Name(key, 'my-bucket'))).headers['content-type'];
  const none = await typeOf('t/md');
  expect(none).not.toMatch(/markdown/);
  for (const [name, type = none] of Object.entries(types))
    expect([name, await typeOf(`t/${name}`)]).toEqual([name, type]);
  expect([await typeOf('one/html'), await typeOf('one/zip')]).toEqual([none, none]);
});

test('two services with different keys: through this machine', async () => {
  const other = await Workplace.open();
  try {
    await other.s3(['mb', 's3://other-bucket']);
    await place.configure({ endpoint: other.server.endpoint }, 'other.yaml');
    await put('d/a', 'd/b');
    const outcome = await place.s3([
      ...['cp', '-r', 's3://my-bucket/d', 's3://other-bucket/e'],
      ...['--source-config', 's3.yaml', '-c', 'other.yaml'],
    ]);
    expect(outcome.status).toBe(0);
    expect((await other.s3(['find', '--key', 's3://other-bucket'])).stdout).toBe('e/a\ne/b\n');
  } finally {
    await other.close();
  }
});
