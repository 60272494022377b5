import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, lstat, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, standIn } from './stand-in.ts';
import { type Outcome, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
  await place.s3(['mb', 's3://my-bucket']);
});
afterEach(() => place.close());

const pipe = (key: string, text: string, ...options: string[]): Promise<Outcome> =>
  place.s3(['pipe', '--literal', `s3://my-bucket/${key}`, ...options], {}, place.folder, text);

const here = (name: string): string => join(place.folder, name);

async function keys(): Promise<string[]> {
  const { stdout } = await place.s3(['find', '--key', 's3://my-bucket']);
  return stdout.split('\n').slice(0, -1);
}

test.each([
  ['--source-region', 'us-east-1'],
  ['--source-config', 's3.yaml'],
])('mv onto itself is refused though %s is given: it is the same service', async (...option) => {
  await pipe('o', 'text');
  const outcome = await place.s3(['mv', 's3://my-bucket/o', 's3://my-bucket/o', ...option]);
  expect(outcome.status).toBe(2);
  expect(outcome.stderr).toContain('cannot be moved onto itself');
  expect(await keys()).toEqual(['o']);
});

describe('of a service that has two names', () => {
  const byName = (): string[] => [
    '--source-endpoint-url',
    place.server.endpoint.replace('127.0.0.1', 'localhost'),
  ];

  test.each([
    ['an object', ['s3://my-bucket/p/o', 's3://my-bucket/p/o'], 'cannot be moved onto itself'],
    ['a folder', ['-r', 's3://my-bucket/p', 's3://my-bucket/p'], 'the destination lies in the source'],
  ])('%s is not moved onto itself', async (_, words, reason) => {
    await pipe('p/o', 'text');
    const outcome = await place.s3(['mv', ...byName(), ...words]);
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toContain(reason);
    expect(await keys()).toEqual(['p/o']);
  });

  test('sync does not delete its source', async () => {
    await pipe('p/o', 'text');
    const outcome = await place.s3(['sync', '--delete', ...byName(), 's3://my-bucket/p', 's3://my-bucket']);
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toContain('the source lies in the destination');
    expect(await keys()).toEqual(['p/o']);
  });
});

test('mv takes an object to a bucket of the same name at another service', async () => {
  const another = await Workplace.open();
  try {
    await pipe('o', 'text');
    await another.s3(['mb', 's3://my-bucket']);
    await another.put({ o: 'TEXT' });
    const there = ['--source-config', join(place.folder, 's3.yaml'), 's3://my-bucket/o', 's3://my-bucket/o'];
    expect((await another.s3(['mv', ...there])).status).toBe(0);
    expect(await keys()).toEqual([]);
    expect((await another.s3(['cat', 's3://my-bucket/o'])).stdout).toBe('text');
  } finally {
    await another.close();
  }
});

describe('mv deletes only what was sent', () => {
  /** Runs a command against a service of its own; gives the methods of the requests that came. */
  async function against(answer: RequestListener, ...words: string[]): Promise<[Outcome, string[]]> {
    const methods: string[] = [];
    const service = createServer((request, response) => {
      methods.push(request.method ?? '');
      request.resume().on('end', () => answer(request, response));
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    await place.configure({ endpoint: `http://127.0.0.1:${(service.address() as AddressInfo).port}` });
    const outcome = await place.s3(words);
    service.closeAllConnections();
    service.close();
    return [outcome, methods];
  }

  test('of a file that goes on growing', async () => {
    await writeFile(here('log'), 'line 1\n');
    const grow: RequestListener = async (_, response) => {
      await appendFile(here('log'), 'line 2\n');
      response.writeHead(200, { etag: '"e"' }).end();
    };
    const [{ status, stderr }] = await against(grow, 'mv', 'log', 's3://my-bucket/log');
    expect([status, stderr]).toEqual([1, expect.stringContaining('was changed while it was being sent')]);
    expect(await readFile(here('log'), 'utf8')).toBe('line 1\nline 2\n');
  });

  test('of an object that is written again', async () => {
    let etag = '"1"';
    const object: RequestListener = ({ method }, response) => {
      response.writeHead(200, { etag, 'content-length': 3 });
      if (method === 'GET') etag = '"2"';
      response.end(method === 'GET' ? 'old' : undefined);
    };
    const [{ status, stderr }, methods] = await against(object, 'mv', 's3://my-bucket/k', 'k');
    expect([status, stderr]).toEqual([1, expect.stringContaining('was changed while it was being sent')]);
    expect(methods).not.toContain('DELETE');
  });

  test('and a deletion that is refused for it is not taken for a destination that was there', async () => {
    const object: RequestListener = ({ method }, response) => {
      response.writeHead(method === 'DELETE' ? 412 : 200, {
        etag: '"1"',
        'content-length': method === 'DELETE' ? 0 : 3,
      });
      response.end(method === 'GET' ? 'old' : undefined);
    };
    const [{ status, stderr }] = await against(object, 'mv', '--no-clobber', 's3://my-bucket/k', 'k');
    expect([status, stderr]).toEqual([1, expect.not.stringContaining('is there already')]);
  });

  test('and deletes that, on condition that it is the same', async () => {
    const conditions: unknown[] = [];
    const object: RequestListener = ({ method, headers }, response) => {
      if (method === 'DELETE') conditions.push(headers['if-match']);
      response.writeHead(method === 'DELETE' ? 204 : 200, {
        etag: '"1"',
        'content-length': method === 'DELETE' ? 0 : 3,
      });
      response.end(method === 'GET' ? 'old' : undefined);
    };
    const [{ status }] = await against(object, 'mv', 's3://my-bucket/k', 'k');
    expect([status, conditions, await readFile(here('k'), 'utf8')]).toEqual([0, ['"1"'], 'old']);
  });
});

describe('mv, where the source cannot be deleted, says that the copy is there', () => {
  const denied = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';

  /** Moves from a service with two objects, which deletes none. */
  async function withoutDeletions(...words: string[]): Promise<Outcome> {
    const answer = ({ method = '', url = '' }: IncomingMessage): Answer => {
      if (method === 'DELETE') return { status: 403, body: denied };
      if (method === 'POST')
        return {
          body: '<DeleteResult><Deleted><Key>d/a</Key></Deleted><Error><Key>d/b</Key><Code>AccessDenied</Code></Error></DeleteResult>',
        };
      if (!url.includes('list-type')) return { headers: { etag: '"1"' }, body: 'old' };
      const contents = ['d/a', 'd/b'].map(
        (key) =>
          `<Contents><Key>${key}</Key><ETag>"1"</ETag><Size>3</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`,
      );
      return { body: `<ListBucketResult>${contents.join('')}</ListBucketResult>` };
    };
    const service = await standIn(answer);
    await place.configure({ endpoint: service.endpoint });
    const outcome = await place.s3(words);
    service.close();
    return outcome;
  }

  test('one object', async () => {
    const { stderr, ...outcome } = await withoutDeletions('mv', 's3://my-bucket/d/b', 'copy');
    expect(outcome).toEqual({ stdout: '', status: 1 });
    expect(stderr).toMatch(
      /^s3: mv: copied to copy, but s3:\/\/my-bucket\/d\/b could not be deleted \(DeleteObject\): AccessDenied: no .*\n$/,
    );
    expect(await place.read('copy')).toBe('old');
  });

  test('one object, as an object', async () => {
    const { stdout, stderr } = await withoutDeletions('mv', '--json', 's3://my-bucket/d/b', 'copy');
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toEqual({
      operation: 'mv',
      status: 'failed',
      type: 'object',
      name: 's3://my-bucket/d/b',
      size: null,
      message: expect.stringContaining('copied to copy, but'),
      destination: 'copy',
      code: 'AccessDenied',
    });
  });

  test('many objects: each is counted once', async () => {
    const words = ['mv', '-r', '--json', 's3://my-bucket/d', 'd'];
    const { stdout, stderr, status } = await withoutDeletions(...words);
    const [done, summary] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(done).toMatchObject({ status: 'ok', name: 's3://my-bucket/d/a', destination: 'd/a' });
    expect(summary).toMatchObject({ type: 'summary', status: 'failed', files: 1, failed: 1, skipped: 0 });
    expect(JSON.parse(stderr)).toMatchObject({
      name: 's3://my-bucket/d/b',
      destination: 'd/b',
      message: 'copied to d/b, but s3://my-bucket/d/b could not be deleted (DeleteObject): AccessDenied',
      code: 'AccessDenied',
    });
    expect([status, await place.files('d')]).toEqual([1, ['a', 'b']]);
  });

  test('files, whose folder may not be written to', async ({ skip }) => {
    await place.write('d/f', 'content');
    // Permissions keep nothing from root, who needs another means; not every file system has it.
    const [lock, unlock] =
      process.getuid?.() === 0 ? ['chattr +i d', 'chattr -i d'] : ['chmod 555 d', 'chmod 755 d'];
    const { status } = await place.shell(lock);
    if (status !== 0) skip();
    const refused = 'd\\/f could not be deleted: (operation not permitted|permission denied)';
    try {
      const one = await place.s3(['mv', 'd/f', 's3://my-bucket/g']);
      expect([one.status, one.stderr]).toEqual([
        1,
        expect.stringMatching(new RegExp(`^s3: mv: copied to s3://my-bucket/g, but ${refused}\\n$`)),
      ]);
      const many = await place.s3(['mv', '-r', 'd', 's3://my-bucket/r']);
      expect([many.status, many.stderr]).toEqual([
        1,
        expect.stringMatching(
          new RegExp(`^s3: mv: copied to s3://my-bucket/r/f, but ${refused}\\n0 files, 0 Bytes; 1 failed`),
        ),
      ]);
    } finally {
      await place.shell(unlock);
    }
    expect(await keys()).toEqual(['g', 'r/f']);
  });
});

describe('--no-clobber, of a file', () => {
  test('mv of two objects to one file at once keeps what it has not moved', async () => {
    await place.put({ q1: '1', q2: '2' });
    const outcomes = await Promise.all(
      ['q1', 'q2'].map((key) => place.s3(['mv', '--no-clobber', `s3://my-bucket/${key}`, 'q'])),
    );
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual([0, 3]);
    const moved = outcomes.findIndex(({ status }) => status === 0);
    expect(await place.read('q')).toBe(String(moved + 1));
    expect(await keys()).toEqual([moved === 0 ? 'q2' : 'q1']);
  });

  test.each([[], ['--resume']])(
    'one that comes while it is fetched is left as it is: %j',
    async (...options) => {
      await place.put({ big: randomBytes(20_000_000) });
      const fetching = place.start([
        'cp',
        '--no-clobber',
        '--limit-rate',
        '15M',
        ...options,
        's3://my-bucket/big',
        'f',
      ]);
      while (!(await place.files()).some((name) => name.endsWith('.s3kit'))) await setTimeout(20);
      await place.write('f', 'precious');
      const { status, stderr } = await fetching.ended;
      expect([status, stderr]).toEqual([3, expect.stringContaining('is there already')]);
      expect(await place.files()).toEqual(['f', 's3.yaml']);
      expect(await place.read('f')).toBe('precious');
    },
  );

  test.each([[], ['--dry-run']])('a link that leads nowhere is left as it is: %j', async (...options) => {
    await place.put({ o: 'text' });
    await symlink('nowhere', here('f'));
    expect((await place.s3(['cp', '--no-clobber', ...options, 's3://my-bucket/o', 'f'])).status).toBe(3);
    expect((await lstat(here('f'))).isSymbolicLink()).toBe(true);
    expect((await place.s3(['cp', '-r', '--no-clobber', 's3://my-bucket/', '.'])).status).toBe(3);
    expect(await place.files()).toEqual(['f', 'o', 's3.yaml']);
  });
});

test('versions restore --dry-run restores nothing, and says what it would', async () => {
  const versioned = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await place.s3(['bucket', 'set', 'versioning', 's3://my-bucket'], {}, place.folder, versioned);
  await pipe('k', 'one');
  await pipe('k', 'two');
  const list = async (): Promise<string[]> =>
    (await place.s3(['versions', 'list', '--json', 's3://my-bucket/k'])).stdout.trim().split('\n');
  const [, oldest = '{}'] = await list();
  const { versionId } = JSON.parse(oldest) as { versionId: string };
  const planned = await place.s3(['versions', 'restore', '-n', '--json', 's3://my-bucket/k', versionId]);
  expect(JSON.parse(planned.stdout)).toMatchObject({
    status: 'planned',
    action: 'restore',
    size: 3,
    versionId,
  });
  expect(await list()).toHaveLength(2);
  const missing = await place.s3(['versions', 'restore', '-n', 's3://my-bucket/k', 'none']);
  expect(missing.status).not.toBe(0);
});

describe('a wildcard is not the bucket', () => {
  test.each([
    ['acl', 'set', 's3://my-bucket/*', 'public-read'],
    ['tag', 'delete', 's3://my-bucket/*'],
    ['tag', 'set', 's3://my-bucket/**', 'a=1'],
    ['tag', 'get', 's3://my-bucket/?'],
    ['head', 's3://my-bucket/*'],
  ])('%s %s %s %s', async (...words) => {
    const outcome = await place.s3(words);
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('has a wildcard, and one object is meant');
    expect((await place.s3(['acl', 'get', 's3://my-bucket'])).stdout).not.toContain('AllUsers');
  });
});

test.each([
  ['rm', '-r', ''],
  ['rm', ''],
  ['du', ''],
  ['versions', 'remove-old', ''],
  ['cp', '', 's3://my-bucket/k'],
  ['mv', '-n', 's3.yaml', ''],
])('an empty argument is nothing to work on: %j %j %j', async (...words) => {
  await pipe('k', 'text');
  expect((await place.s3(words)).status).toBe(2);
  expect(await keys()).toEqual(['k']);
});

describe('what is for many files is not overlooked for one', () => {
  test.each([['--exclude', '*'], ['--include', 'x'], ['--older', '30d'], ['--larger', '1K'], ['--from0']])(
    'mv %s %s',
    async (...option) => {
      await writeFile(here('f'), 'text');
      expect((await place.s3(['mv', ...option, 'f', 's3://my-bucket/f'])).status).toBe(2);
      expect(await readFile(here('f'), 'utf8')).toBe('text');
      expect(await keys()).toEqual([]);
    },
  );

  test('mv --no-follow-symlinks', async () => {
    await writeFile(here('f'), 'text');
    await symlink('f', here('link'));
    const outcome = await place.s3(['mv', '--no-follow-symlinks', 'link', 's3://my-bucket/f']);
    expect(outcome.status).toBe(3);
    expect((await lstat(here('link'))).isSymbolicLink()).toBe(true);
    expect(await keys()).toEqual([]);
  });

  test('cp --no-follow-symlinks, of a list', async () => {
    await writeFile(here('f'), 'text');
    await symlink('f', here('link'));
    const words = ['cp', '--no-follow-symlinks', '--files-from', '-', '.', 's3://my-bucket'];
    expect((await place.s3(words, {}, place.folder, 'f\nlink\n')).status).toBe(0);
    expect(await keys()).toEqual(['f']);
  });

  test('cp --version-id, of a file', async () => {
    await writeFile(here('f'), 'text');
    expect((await place.s3(['cp', '--version-id', 'x', 'f', 's3://my-bucket/f'])).status).toBe(2);
  });
});

describe('a wildcard, and rules', () => {
  beforeEach(async () => {
    for (const key of ['w/a.txt', 'w/a.log', 'w/b.txt']) await pipe(key, key);
  });

  test.each([
    [
      ['--exclude', '*.txt', '--include', 'a.txt'],
      ['a.log', 'a.txt'],
    ],
    [
      ['--exclude', '*', '--include', 'a.*'],
      ['a.log', 'a.txt'],
    ],
    [
      ['--include', 'z'],
      ['a.log', 'a.txt', 'b.txt'],
    ],
  ])('%j', async (options, expected) => {
    expect((await place.s3(['cp', 's3://my-bucket/w/*', 'd/', ...options])).status).toBe(0);
    expect((await readdir(here('d'))).sort()).toEqual(expected);
  });

  test('what is there already, and what no file can be, is told as of a folder', async () => {
    await place.s3(['cp', 's3://my-bucket/w/*.txt', 'd/']);
    const again = ['cp', '--no-clobber', '--json', 's3://my-bucket/w/*.txt', 'd/'];
    const { status, stdout, stderr } = await place.s3(again);
    expect([status, stderr]).toEqual([3, expect.not.stringContaining('nothing of that name')]);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')).toMatchObject({ skipped: 2, failed: 0 });
    await pipe('w//bad', 'text');
    const bad = await place.s3(['cp', 's3://my-bucket/w/**', 'e/']);
    expect(bad.status).toBe(3);
    expect(bad.stderr).toContain('s3://my-bucket/w//bad');
  });
});

test('cp --tag replaces the tags of the object that is copied', async () => {
  await pipe('a', 'text', '--tag', 'src=1');
  await place.s3(['cp', 's3://my-bucket/a', 's3://my-bucket/b', '--tag', 'dst=2']);
  expect((await place.s3(['tag', 'get', 's3://my-bucket/b'])).stdout).toBe('dst=2\n');
  await pipe('x/a', 'text', '--tag', 'src=1');
  await place.s3(['cp', '-r', 's3://my-bucket/x', 's3://my-bucket/all', '--tag', 'dst=3']);
  expect((await place.s3(['tag', 'get', 's3://my-bucket/all/a'])).stdout).toBe('dst=3\n');
  await place.s3(['cp', 's3://my-bucket/a', 's3://my-bucket/c']);
  expect((await place.s3(['tag', 'get', 's3://my-bucket/c'])).stdout).toBe('src=1\n');
});

test.each([[['a.txt', 'b.txt']], [['-', '-']], [['a.txt', 's3:///']], [['s3://', 'b.txt']]])(
  'a plan refuses what would be refused: cp -n %j',
  async (names) => {
    await writeFile(here('a.txt'), 'text');
    expect((await place.s3(['cp', '-n', ...names])).status).toBe(2);
    expect((await place.s3(['cp', ...names])).status).toBe(2);
  },
);

test('--preserve keeps the millisecond, there and back and there', async () => {
  await writeFile(here('f'), 'text');
  const time = new Date('2020-01-02T03:04:05.678Z');
  await utimes(here('f'), time.getTime() / 1000 + 0.0000005, time.getTime() / 1000 + 0.0000005);
  const stored = async (): Promise<string | undefined> =>
    /mtime:\s+(\S+)/.exec((await place.s3(['head', 's3://my-bucket/f'])).stdout)?.[1];
  await place.s3(['cp', '--preserve', 'f', 's3://my-bucket/f']);
  const first = await stored();
  expect(first).toContain('1577934245.678');
  await place.s3(['cp', '--preserve', 's3://my-bucket/f', 'g']);
  expect(Math.floor((await stat(here('g'))).mtimeMs)).toBe(time.getTime());
  await place.s3(['cp', '--preserve', 'g', 's3://my-bucket/f']);
  expect(await stored()).toBe(first);
});

describe('several sources, of which two would become one', () => {
  beforeEach(async () => {
    for (const name of ['A/x', 'B/x', 'B/y']) {
      await place.write(name, name);
      await pipe(name, name);
    }
  });
  const local = ['A/x', 'B/x', 'B/y', 's3.yaml'];

  test.each([
    ['mv', 'A/x', 'B/y', 'B/x', 's3://my-bucket/'],
    ['cp', 'A/x', 'B/x', 's3://my-bucket/d/'],
    ['mv', 's3://my-bucket/A/x', 's3://my-bucket/B/x', 'd/'],
    ['mv', 's3://my-bucket/A/x', 'B/x', 's3://my-bucket/d/'],
    ['mv', 'A/x', './A/x', 's3://my-bucket/d/'],
  ])('are refused before anything is sent: %s %s %s %s', async (...words) => {
    const { status, stderr } = await place.s3(words);
    expect([status, stderr]).toEqual([2, expect.stringContaining('and one of them would be lost')]);
    expect(stderr).toContain(`${words[1]} and ${words.at(-2)} would both become`);
    expect([await place.files(), await keys()]).toEqual([local, ['A/x', 'B/x', 'B/y']]);
  });

  test.each([
    [['mv', '-r', 'A', 'B', 's3://my-bucket/d/'], 'B/x: it would replace what comes from A'],
    [['mv', 's3://my-bucket/A/*', 's3://my-bucket/B/*', 's3://my-bucket/d/'], 's3://my-bucket/B/x: it would'],
    [
      ['mv', 's3://my-bucket/B/*', 's3://my-bucket/A/x', 's3://my-bucket/d/'],
      'what comes from s3://my-bucket/A/x',
    ],
  ])('and are many files: %j', async (words, message) => {
    const { status, stderr } = await place.s3(words);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect((await place.s3(['cat', 's3://my-bucket/d/x'])).stdout).toBe('A/x');
    expect((await place.s3(['cat', 's3://my-bucket/d/y'])).stdout).toBe('B/y');
    // It stays where it was.
    expect(
      words.includes('-r') ? await place.files('B') : (await keys()).filter((key) => key.startsWith('B')),
    ).toEqual(words.includes('-r') ? ['x'] : ['B/x']);
  });

  test('and others are sent as they were', async () => {
    expect((await place.s3(['cp', '-r', 'A', 'B', 'B', 's3://my-bucket/d/'])).status).toBe(1);
    expect((await place.s3(['mv', 'A/x', 'B/y', 's3://my-bucket/e/'])).status).toBe(0);
    expect(await place.files()).toEqual(['B/x', 's3.yaml']);
  });
});

describe('within one folder, to a folder in it', () => {
  const all = ['w/[x]/b.jpg', 'w/a.jpg', 'w/b.jpg', 'w/c.txt', 'w/sub/b.jpg'];
  beforeEach(async () => {
    for (const key of all) await pipe(key, key);
  });

  test.each([
    ['sub', '*.jpg', ['w/[x]/b.jpg', 'w/c.txt', 'w/sub/a.jpg', 'w/sub/b.jpg']],
    ['[x]', '?.jpg', ['w/[x]/a.jpg', 'w/[x]/b.jpg', 'w/c.txt', 'w/sub/b.jpg']],
  ])('what a wildcard without ** means is moved to %s: %s', async (folder, wildcard, moved) => {
    const words = ['mv', `s3://my-bucket/w/${wildcard}`, `s3://my-bucket/w/${folder}/`];
    expect(await place.s3(words)).toMatchObject({ status: 0 });
    expect(await keys()).toEqual(moved);
    expect((await place.s3(['cat', '--literal', `s3://my-bucket/w/${folder}/b.jpg`])).stdout).toBe('w/b.jpg');
  });

  test('and so is a list, but for what lies there already', async () => {
    const words = ['mv', '--files-from', '-', 's3://my-bucket/w', 's3://my-bucket/w/sub/'];
    const { status, stderr } = await place.s3(words, {}, place.folder, 'b.jpg\nsub/b.jpg\nc.txt\n');
    expect([status, stderr]).toEqual([1, expect.stringContaining('w/sub/b.jpg: it lies in the destination')]);
    expect(await keys()).toEqual(['w/[x]/b.jpg', 'w/a.jpg', 'w/sub/b.jpg', 'w/sub/c.txt']);
    expect((await place.s3(['cat', 's3://my-bucket/w/sub/b.jpg'])).stdout).toBe('w/b.jpg');
  });

  test.each([
    ['mv', 's3://my-bucket/w/**', 's3://my-bucket/w/sub/'],
    ['mv', 's3://my-bucket/w/*/b.jpg', 's3://my-bucket/w/sub/'],
    ['mv', 's3://my-bucket/w/*.jpg', 's3://my-bucket/w/'],
    ['mv', '-r', 's3://my-bucket/w', 's3://my-bucket/w/sub/'],
  ])('what could be sent again is refused: %s %s %s', async (...words) => {
    const { status, stderr } = await place.s3(words);
    expect([status === 0, stderr]).toEqual([false, expect.stringContaining('lies in the source')]);
    expect(await keys()).toEqual(all);
  });
});

describe('options with the values that aws s3 gives them', () => {
  /** The headers of the request of a method, as a service has them from a command. */
  async function headersOf(method: string, ...words: string[]): Promise<IncomingHttpHeaders | undefined> {
    const service = await standIn(() => ({ status: 200, headers: { etag: '"e"' } }));
    await place.configure({ endpoint: service.endpoint });
    const { stderr, status } = await place.s3(words);
    service.close();
    expect([stderr, status]).toEqual(['', 0]);
    return service.requests.find((request) => request.method === method)?.headers;
  }

  test.each([
    ['rm', '--request-payer', 'requester', 's3://my-bucket/k'],
    ['rm', 's3://my-bucket/k', '--request-payer', 'requester'],
    ['rm', '--request-payer', 's3://my-bucket/k'],
  ])('the value of an option is not deleted: %s %s %s', async (...words) => {
    for (const key of ['k', 'requester']) await pipe(key, key);
    expect(await place.s3(words)).toMatchObject({ status: 0 });
    expect(await keys()).toEqual(['requester']);
    expect((await headersOf('DELETE', ...words))?.['x-amz-request-payer']).toBe('requester');
  });

  test('behind -- it is an operand', async () => {
    for (const key of ['k', 'requester']) await pipe(key, key);
    expect((await place.s3(['rm', '--', 'requester'])).status).toBe(0);
    expect(await keys()).toEqual(['k']);
  });

  test.each([
    [['cp', 's3.yaml', 's3://my-bucket/k', '--sse'], 'AES256'],
    [['cp', '--sse', '--quiet', 's3.yaml', 's3://my-bucket/k'], 'AES256'],
    [['cp', '--sse', 'aws:kms', 's3.yaml', 's3://my-bucket/k'], 'aws:kms'],
  ])('%j', async (words, expected) => {
    expect((await headersOf('PUT', ...words))?.['x-amz-server-side-encryption']).toBe(expected);
  });

  test.each([
    [
      'cp',
      '--grants',
      'read=id=1',
      'read=uri=http://u',
      'full=id=2',
      '--quiet',
      's3.yaml',
      's3://my-bucket/k',
    ],
    ['cp', '--grants', 'read=id=1', 'read=uri=http://u', 'full=id=2', 's3.yaml', 's3://my-bucket/k'],
    [
      'cp',
      's3.yaml',
      's3://my-bucket/k',
      '--grant',
      'read=id=1',
      '--grants',
      'read=uri=http://u',
      'full=id=2',
    ],
  ])('several rights: %s %s %s %s %s %s', async (...words) => {
    const headers = await headersOf('PUT', ...words);
    expect(headers?.['x-amz-grant-read']).toBe('id="1", uri="http://u"');
    expect(headers?.['x-amz-grant-full-control']).toBe('id="2"');
  });
});
