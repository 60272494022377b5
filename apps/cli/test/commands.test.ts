import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prints, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

describe('buckets', () => {
  test('create-bucket, list-buckets and delete-bucket act on the default bucket, or on the one that is named', async () => {
    expect(await place.s3(['create-bucket'])).toEqual(prints(''));
    expect(await place.s3(['create-bucket', 'other-bucket'])).toEqual(prints(''));
    expect(await place.s3(['list-buckets'])).toEqual(prints('my-bucket\nother-bucket\n'));
    expect(await place.s3(['list-buckets', 'other-bucket'])).toEqual(prints('other-bucket\n'));
    expect(await place.s3(['list-buckets', 'no-bucket'])).toEqual({
      stdout: 'no-bucket NOT FOUND\n',
      stderr: '',
      status: 1,
    });
    expect(await place.s3(['delete-bucket'])).toEqual(prints(''));
    expect(await place.s3(['--bucket', 'other-bucket', 'delete-bucket'])).toEqual(prints(''));
    expect(await place.s3(['list-buckets'])).toEqual(prints(''));
  });

  test('--verbose shows what was done', async () => {
    expect(await place.s3(['-v', 'create-bucket'])).toEqual(prints('my-bucket created\n'));
    expect((await place.s3(['list-buckets', '-v'])).stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z my-bucket\n$/,
    );
    expect(await place.s3(['delete-bucket', '--verbose'])).toEqual(prints('my-bucket deleted\n'));
  });
});

describe('files', () => {
  beforeEach(async () => {
    await place.s3(['create-bucket']);
    await place.s3(['create-bucket', 'other-bucket']);
    await place.write('folder/hello.txt', 'Hello!\n');
  });

  test('put, list, get and delete', async () => {
    expect(await place.s3(['put', 'folder/hello.txt', 'a/b.txt'])).toEqual(prints(''));
    expect(await place.s3(['list'])).toEqual(prints('a/b.txt\n'));
    expect(await place.s3(['get', 'a/b.txt', 'copy.txt'])).toEqual(prints(''));
    expect(await place.read('copy.txt')).toBe('Hello!\n');
    expect(await place.s3(['delete', 'a/b.txt'])).toEqual(prints(''));
    expect(await place.s3(['list'])).toEqual(prints(''));
  });

  test('the default destinations are base names', async () => {
    await place.s3(['put', 'folder/hello.txt']);
    expect(await place.s3(['list'])).toEqual(prints('hello.txt\n'));
    await place.s3(['put', 'folder/hello.txt', 'far/away/name.txt']);
    expect(await place.s3(['get', 'far/away/name.txt'])).toEqual(prints(''));
    expect(await place.read('name.txt')).toBe('Hello!\n');
  });

  test('--bucket, before or after the command, takes another bucket', async () => {
    await place.s3(['-b', 'other-bucket', 'put', 'folder/hello.txt']);
    expect(await place.s3(['list'])).toEqual(prints(''));
    expect(await place.s3(['list', '--bucket', 'other-bucket'])).toEqual(prints('hello.txt\n'));
  });

  test('list shows one file with its metadata, or that it is not found', async () => {
    await place.s3([
      'put',
      'folder/hello.txt',
      '--header',
      'x-amz-meta-state: new',
      '--header',
      'X-Amz-Meta-By:me',
    ]);
    const { stdout, status } = await place.s3(['list', 'hello.txt']);
    expect(stdout.split('\n').toSorted()).toEqual([
      '',
      'hello.txt',
      'x-amz-meta-by: me',
      'x-amz-meta-state: new',
    ]);
    expect(status).toBe(0);
    expect(await place.s3(['list', 'none.txt'])).toEqual({
      stdout: 'none.txt NOT FOUND\n',
      stderr: '',
      status: 1,
    });
  });

  test('--verbose lists time and size, and shows what was done', async () => {
    expect(await place.s3(['put', '-v', 'folder/hello.txt'])).toEqual(
      prints('folder/hello.txt -> hello.txt\n'),
    );
    expect((await place.s3(['list', '-v'])).stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {12}7 hello\.txt\n$/,
    );
    expect(await place.s3(['get', '-v', 'hello.txt', 'x'])).toEqual(prints('hello.txt -> x\n'));
    expect(await place.s3(['delete', '-v', 'hello.txt'])).toEqual(prints('hello.txt deleted\n'));
  });

  test('copy and update-metadata', async () => {
    await place.s3([
      'put',
      'folder/hello.txt',
      '--header',
      'content-type: text/plain',
      '--header',
      'x-amz-meta-state: new',
    ]);
    expect(await place.s3(['copy', 'hello.txt', 'b.txt'])).toEqual(prints(''));
    expect(await place.s3(['list', 'b.txt'])).toEqual(prints('b.txt\nx-amz-meta-state: new\n'));
    expect(await place.s3(['update-metadata', 'b.txt', '--header', 'x-amz-meta-state: done'])).toEqual(
      prints(''),
    );
    expect(await place.s3(['list', 'b.txt'])).toEqual(prints('b.txt\nx-amz-meta-state: done\n'));
  });

  test('presign prints a URL that works without keys', async () => {
    await place.s3(['put', 'folder/hello.txt']);
    const get = await place.s3(['presign', 'hello.txt', '--expires-in', '60']);
    expect(get.status).toBe(0);
    expect(await (await fetch(get.stdout.trim())).text()).toBe('Hello!\n');
    const long = await place.s3(['presign', 'hello.txt', '--expires-in', '7d']);
    expect(new URL(long.stdout.trim()).searchParams.get('X-Amz-Expires')).toBe('604800');
    const put = await place.s3(['presign', 'new.txt', '--method', 'put']);
    expect((await fetch(put.stdout.trim(), { method: 'PUT', body: 'by link' })).status).toBe(200);
    await place.s3(['get', 'new.txt']);
    expect(await place.read('new.txt')).toBe('by link');
  });

  test('get of ../../x writes only the base name', async () => {
    await place.s3(['put', 'folder/hello.txt', '../../evil.txt']);
    await place.write('deep/down/s3.yaml', await place.read('s3.yaml'));
    expect(await place.s3(['get', '../../evil.txt'], {}, place.path('deep/down'))).toEqual(prints(''));
    expect((await readdir(place.path('deep/down'))).toSorted()).toEqual(['evil.txt', 's3.yaml']);
    expect(await readdir(place.path('deep'))).toEqual(['down']);
    expect((await readdir(place.folder)).toSorted()).toEqual(['deep', 'folder', 's3.yaml']);
  });

  test.each(['dir/', '..', 'a/..', '.', 'a/.'])('get of %j gives no local name', async (key) => {
    const outcome = await place.s3(['get', key]);
    expect(outcome).toMatchObject({ stdout: '', status: 2 });
    expect(outcome.stderr).toContain('gives no name for a local file');
  });
});

describe('configuration', () => {
  test('--config names another file', async () => {
    await place.configure({ default_bucket: 'elsewhere' }, 'other.yaml');
    expect(await place.s3(['--config', 'other.yaml', '-v', 'create-bucket'])).toEqual(
      prints('elsewhere created\n'),
    );
    expect(await place.s3(['-v', 'delete-bucket', '-c', place.path('other.yaml')], {}, '/')).toEqual(
      prints('elsewhere deleted\n'),
    );
  });

  test('without a file, the AWS environment variables are used', async () => {
    const outcome = await place.s3(['-v', 'create-bucket', 'by-environment'], place.environment, '/');
    expect(outcome).toEqual(prints('by-environment created\n'));
  });

  test('a file wins over the environment', async () => {
    const outcome = await place.s3(['-v', 'create-bucket'], {
      ...place.environment,
      AWS_SECRET_ACCESS_KEY: 'wrong',
    });
    expect(outcome).toEqual(prints('my-bucket created\n'));
  });
});
