import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

/** Every error is one line on standard error, and nothing on standard output. */
async function fails(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  cwd?: string,
): Promise<{ line: string; status: number | null }> {
  const { stdout, stderr, status } = await place.s3(args, environment, cwd);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^s3: [^\n]+\n$/);
  return { line: stderr.trimEnd(), status };
}

describe('status 2: the command is wrong', () => {
  test.each<[string[], RegExp]>([
    [['nonsense'], /see s3 --help$/],
    [['get'], /see s3 --help$/],
    [['list', '--nonsense'], /see s3 --help$/],
    [['get'], /^s3: get: too few arguments; usage: s3 get <remote_src> \[local_dst\];/],
    [['put', 'a', 'b', 'c'], /^s3: put: these are not its arguments: a b c; usage: s3 put <local_src> \[/],
    [['tag', 'list'], /^s3: tag get: too few arguments; usage: s3 tag get <uri>;/],
    [['presign', 'post', 's3://b/k'], /^s3: presign: these are not its arguments: post s3:\/\/b\/k; usage/],
    [['run', 'nothing'], /^s3: run: there is no file nothing;/],
    [['mb'], /usage: s3 mb <uri> \.\.\.; see s3 --help$/],
    [['uploads', 's3://b'], /^s3: uploads is followed by list or abort; see s3 --help$/],
    [['tag', 'gte', 's3://b'], /^s3: tag is followed by get, set or delete; did you mean s3 tag get\?/],
    [['--config', 's3.yaml'], /^s3: there is no command in: --config s3\.yaml;/],
    [
      ['put', 's3.yaml', 'k', '--header', 'no colon'],
      /--header takes "name: value", not "no colon"; see s3 --help$/,
    ],
    [['put', 's3.yaml', 'k', '--header', 'x-amz-meta-a: ü'], /outside US-ASCII/],
    [['presign', 'k', '--expires-in', '604801'], /--expires-in is a number of seconds from 1 to 604800/],
    [['presign', 'k', '--method', 'PATCH'], /--method is one of GET, HEAD, PUT, DELETE, POST/],
    [['put', 's3.yaml', ''], /the key is empty/],
    [['delete', 'k'.repeat(1025)], /1025 bytes long; S3 takes at most 1024/],
    [
      ['create-bucket', 'Not_A_Name'],
      /invalid bucket name "Not_A_Name": a name holds only lower-case letters/,
    ],
    [['--bucket', 'no/bucket', 'list'], /no\/bucket|bucket name/],
    [['serve', '--port', 'x'], /--port is a number from 0 to 65535/],
  ])('%j', async (args, message) => {
    const { line, status } = await fails(args);
    expect(line).toMatch(message);
    expect(status).toBe(2);
  });
});

test.each<[string[], string, RegExp]>([
  [['ls', '--json', 's3:///x'], 'ls', /^s3:\/\/\/x has no bucket: what is meant is s3:\/\/BUCKET\/KEY$/],
  [['mb', '--json', 's3://no.such..name'], 'mb', /^invalid bucket name/],
  [
    ['doctor', '--json', '-c', 'nosuch.yaml'],
    'doctor',
    /^nosuch\.yaml: there is no such configuration file$/,
  ],
  [['cp', '--json', 'a.txt', 'b.txt'], 'cp', /^one of the two is to be an s3:\/\/ URI$/],
  [['sync', '--json', 'a', 's3://b', '--concurrency', 'many'], 'sync', /^--concurrency is a whole number/],
  [['tag', 'get', '--json', 's3:///x'], 'tag get', /^s3:\/\/\/x has no bucket/],
  [['tag', 'get', '--json'], 'tag get', /^tag get: too few arguments; usage: s3 tag get <uri>$/],
  [['ls', '--json', '--recursve'], 'ls', /^there is no option --recursve here; did you mean --recursive\?$/],
])('with --json, what is wrong with %j is an object too', async (args, operation, message) => {
  const { stdout, stderr, status } = await place.s3(args);
  expect([stdout, stderr.split('\n')]).toEqual(['', [expect.any(String), '']]);
  expect([JSON.parse(stderr), status]).toEqual([
    expect.objectContaining({
      operation,
      status: 'failed',
      type: 'object',
      name: '',
      size: null,
      message: expect.stringMatching(message),
    }),
    2,
  ]);
});

test.each([[['get', '--json', 'k']], [['nonsense', '--json']], [['ls', '--nonsense', '--', '--json']]])(
  'where %j has no --json, what is wrong is a line of text',
  async (args) => {
    expect(await fails(args)).toMatchObject({ status: 2 });
  },
);

describe('status 2: the configuration is wrong', () => {
  test('no file and no environment', async () => {
    const { line, status } = await fails(['list'], {}, '/');
    expect(line).toContain(
      'there is no s3.yaml in this directory, and AWS_ACCESS_KEY_ID is not set; name a file with --config',
    );
    expect(status).toBe(2);
  });

  test('a file that is not there', async () => {
    const { line, status } = await fails(['-c', 'none.yaml', 'list']);
    expect(line).toBe('s3: none.yaml: there is no such configuration file');
    expect(status).toBe(2);
  });

  test('an unknown key: file, line and key', async () => {
    await place.write('s3.yaml', 's3:\n  access_key_id: a\n  secret_access_key: b\n  buckit: c\n');
    const { line, status } = await fails(['list']);
    expect(line).toMatch(/^s3: s3\.yaml:4: s3\.buckit is not a known key/);
    expect(status).toBe(2);
  });

  test('no bucket anywhere', async () => {
    await place.configure({ default_bucket: undefined });
    expect(await fails(['list'])).toMatchObject({ status: 2 });
    for (const args of [['create-bucket'], ['get', 'k'], ['put', 's3.yaml'], ['copy', 'a', 'b'], ['list']])
      expect((await fails(args)).line).toContain('no bucket: name one by --bucket, or set default_bucket');
  });
});

test.each<[string[], string]>([
  [['tag', 'get', 's3://my-bucket/none'], 's3://my-bucket/none'],
  [['tag', 'set', 'none', 'a=b'], 's3://my-bucket/none'],
  [['acl', 'get', 's3://none-such'], 's3://none-such'],
  [['bucket', 'get', 'policy', 'my-bucket'], 's3://my-bucket'],
  [['versions', 'list', 's3://none-such/a/'], 's3://none-such/a/'],
  [['versions', 'list', 's3://none-such/a*'], 's3://none-such/a*'],
  [['versions', 'restore', 's3://my-bucket/none', 'ID'], 's3://my-bucket/none'],
  [['uploads', 'list', 'none-such'], 's3://none-such'],
  [['pipe', 's3://none-such/k'], 's3://none-such/k'],
  [['sync', 's3://none-such/a', 'down'], 's3://none-such'],
  [['sync', '.', 's3://none-such/a'], 's3://none-such'],
  [['sync', 'nowhere', 's3://my-bucket'], 'nowhere'],
  [['diff', 's3://my-bucket', 's3://none-such'], 's3://none-such'],
  [['diff', 'nowhere', 's3://my-bucket'], 'nowhere'],
  [['cp', '-r', 'nowhere', 's3://my-bucket'], 'nowhere'],
])('an object tells what has failed: %j', async (words, name) => {
  await place.s3(['create-bucket']);
  const { stderr } = await place.s3([...words, '--json']);
  expect(
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { name: string }).name),
  ).toEqual([name]);
});

describe('status 1: the operation failed', () => {
  test.each<[string, string[], RegExp]>([
    [
      'a missing bucket',
      ['list'],
      /bucketListKeys: s3:\/\/my-bucket: NoSuchBucket: .*there is no such bucket at this endpoint$/,
    ],
    ['a missing local file', ['put', 'none'], /write: cannot read none: there is no such file or directory$/],
    ['a directory', ['put', '.', 'k'], /write: \. is a directory, not a file$/],
    [
      'a destination directory that is missing',
      ['get', 'k', 'none/f'],
      /read: cannot write none\/f: there is no such file or directory$/,
    ],
    ['a directory where a file is meant', ['get', 'k', '.'], /read: cannot write \.: it is a directory$/],
  ])('%s', async (_, args, message) => {
    const { line, status } = await fails(args);
    expect(line).toMatch(message);
    expect(status).toBe(1);
  });

  test('a missing key', async () => {
    await place.s3(['create-bucket']);
    const { line, status } = await fails(['get', 'none.txt']);
    expect(line).toMatch(/^s3: read: s3:\/\/my-bucket\/none\.txt: NoSuchKey: .*HTTP 404/);
    expect(status).toBe(1);
  });

  test('a wrong secret', async () => {
    await place.configure({ secret_access_key: 'wrong-secret' });
    const { line, status } = await fails(['list-buckets']);
    expect(line).toMatch(/SignatureDoesNotMatch.*the secret access key is wrong; see secret_access_key$/);
    expect(line).not.toContain('wrong-secret');
    expect(status).toBe(1);
  });
});
