import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { S3Name, type Storage, StorageError } from '../src/index.ts';
import { reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let storage: Storage;
let folder: string;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200, 'content'));
  storage = server.storage();
  folder = await mkdtemp(join(tmpdir(), 's3kit-bad-input-'));
  await writeFile(join(folder, 'file'), 'x');
});
afterEach(async () => {
  // Whatever was wrong, it was found before anything was asked.
  expect(server.arrived).toHaveLength(0);
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('names', () => {
  test.each<[string, (file: string) => Promise<unknown>]>([
    ['delete', () => server.storage({ defaultBucket: undefined as never }).delete('k')],
    ['write', (file) => server.storage({ defaultBucket: undefined as never }).write(file, 'k')],
  ])('%s without a bucket anywhere', async (_, call) => {
    await expect(call(join(folder, 'file'))).rejects.toThrow(/no bucket for the key "k"/);
    await expect(call(join(folder, 'file'))).rejects.toThrow(TypeError);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['delete', () => storage.delete(new S3Name('k', 'No/Bucket'))],
    ['copy', () => storage.copy('k', new S3Name('k', 'No Bucket'))],
    ['bucketGet', () => storage.bucketGet('no..bucket')],
    ['bucketDelete', () => storage.bucketDelete('../../x')],
    ['bucketListKeys', () => storage.bucketListKeys('').next()],
    ['bucketCreate', () => storage.bucketCreate('under_score')],
    ['bucketGetAcl', () => storage.bucketGetAcl('a')],
  ])('%s with an invalid bucket name', async (_, call) => {
    await expect(call()).rejects.toThrow(/invalid bucket name/);
  });

  const unset = undefined as never;
  test.each<[string, () => Promise<unknown>]>([
    ['bucketDelete', () => storage.bucketDelete(unset)],
    ['bucketExists', () => storage.bucketExists(unset)],
    ['bucketGet', () => storage.bucketGet(unset)],
    ['bucketListKeys', () => storage.bucketListKeys(unset).next()],
    ['bucketListVersions', () => storage.bucketListVersions(unset).next()],
    ['bucketListUploads', () => storage.bucketListUploads(unset).next()],
    ['bucketDeleteCors', () => storage.bucketDeleteCors(unset)],
    ['bucketGetAcl', () => storage.bucketGetAcl(unset)],
  ])('%s of a bucket that is undefined does not mean the service', async (_, call) => {
    await expect(call()).rejects.toThrow(/bucket name/);
  });

  test('an empty key, and a key that is too long', async () => {
    await expect(storage.exists('')).rejects.toThrow(/key is empty/);
    await expect(storage.exists('k'.repeat(1025))).rejects.toThrow(RangeError);
  });
});

test.each<[string, RegExp, () => Promise<unknown>]>([
  ['an expiry of 0 seconds', /expiresIn must be/, () => storage.presign('k', { expiresIn: 0 })],
  ['no method of HTTP', /method must be/, () => storage.presign('k', { method: 'get it' as never })],
  [
    'no length',
    /content-length/,
    () => storage.presign('k', { method: 'PUT', headers: { 'Content-Length': 'many' } }),
  ],
  ['an expiry of a form', /expiresIn must be/, () => storage.presignPost('k', { expiresIn: -1 })],
  ['a field of a form', /fields/, () => storage.presignPost('k', { fields: { 'x-amz-date': 'x' } })],
  ['one name for many', /a list/, () => storage.deleteMany('key' as never).next()],
  ['no names', /a list/, () => storage.deleteMany(null as never).next()],
  ['none at a time', /concurrency/, () => storage.deleteMany(['k'], { concurrency: 0 }).next()],
  ['a name that is undefined', /the key/, () => storage.head(undefined as never)],
])('%s: refused, with the code of arguments', async (_, message, call) => {
  await expect(call()).rejects.toThrow(message);
  await expect(call()).rejects.toMatchObject({ code: 'ERR_S3KIT_INVALID_ARGUMENT' });
});

describe('local files', () => {
  test.each<[string, string, RegExp]>([
    ['a file that is not there', 'none', /write: cannot read .*none: there is no such file or directory/],
    ['a directory', '.', /write: .* is a directory, not a file/],
  ])('write of %s', async (_, name, message) => {
    await expect(storage.write(join(folder, name), 'k')).rejects.toThrow(message);
    await expect(storage.write(join(folder, name), 'k')).rejects.toThrow(StorageError);
  });

  test('write of what is no regular file', async () => {
    await expect(storage.write('/dev/null', 'k')).rejects.toThrow(/write: \/dev\/null is not a regular file/);
  });

  test.each<[string, string, RegExp]>([
    [
      'a directory that is not there',
      'none/f',
      /read: cannot write .*none\/f: there is no such file or directory/,
    ],
    ['a directory where a file is meant', '.', /read: cannot write .*: it is a directory/],
    ['below a file', 'file/f', /read: cannot write .*file\/f: part of its path is not a directory/],
  ])('read into %s', async (_, name, message) => {
    await expect(storage.read('k', join(folder, name))).rejects.toThrow(message);
  });

  test('read into what is no regular file', async () => {
    await expect(storage.read('k', '/dev/null')).rejects.toThrow(
      /read: cannot write \/dev\/null: it is not a regular file/,
    );
  });

  test('files and directories without permission', async () => {
    await chmod(join(folder, 'file'), 0o000);
    await mkdir(join(folder, 'locked'));
    await chmod(join(folder, 'locked'), 0o500);
    await chmod(folder, 0o755);
    const asRoot = process.geteuid?.() === 0;
    // Root may read and write everything, so the test becomes nobody.
    if (asRoot) process.seteuid?.(65_534);
    try {
      await expect(storage.write(join(folder, 'file'), 'k')).rejects.toThrow(
        /cannot read .*file: permission denied/,
      );
      await expect(storage.read('k', join(folder, 'locked', 'f'))).rejects.toThrow(
        /cannot write .*f: permission denied/,
      );
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  test('a symbolic link that goes round in circles', async () => {
    await symlink(join(folder, 'loop'), join(folder, 'loop'));
    await expect(storage.read('k', join(folder, 'loop'))).rejects.toThrow(/read: cannot write/);
    expect(await readdir(folder)).toEqual(['file', 'loop']);
  });
});

describe('headers', () => {
  test.each([
    [{ 'x-amz-meta-a': 'b\r\nx-evil: 1' }, /x-amz-meta-a holds a line break/],
    [{ 'x-amz-meta-a': 'b\nc' }, /line break/],
    [{ 'x-amz-meta-a': 'ü' }, /x-amz-meta-a holds a character outside US-ASCII/],
    [{ 'x amz': 'b' }, /invalid header name/],
    [{ 'a:b': 'c' }, /invalid header name/],
    [{ Authorization: 'x' }, /authorization is set by the connection/],
    [{ 'X-A': '1', 'x-a': '2' }, /x-a is given twice/],
    [{ 'x-a': {} as string }, /x-a must be a string/],
  ])('%j', async (headers, message) => {
    await expect(storage.write(join(folder, 'file'), 'k', { headers })).rejects.toThrow(message);
    await expect(storage.updateMetadata('k', headers)).rejects.toThrow(TypeError);
    await expect(storage.copy('k', 'l', { headers })).rejects.toThrow(message);
  });
});

describe('documents', () => {
  test.each<[string, object, RegExp]>([
    [
      'a function',
      { Tagging: { TagSet: { Tag: [{ Key: 'a', Value: () => 'b' }] } } },
      /data cannot be turned into XML: .*Tagging.*TagSet.*Tag\[0\]\.Value/,
    ],
    ['two roots', { a: '1', b: '2' }, /one key/],
    ['a tag that is none', { Tagging: { 'a><b': '1' } }, /data cannot be turned into XML/],
    ['not a number', { Tagging: { TagSet: NaN } }, /Tagging.*TagSet/],
  ])('%s cannot be XML: the error names the place', async (_, data, message) => {
    await expect(storage.bucketSetTagging('bucket', { data })).rejects.toThrow(message);
    await expect(storage.bucketSetTagging('bucket', { data })).rejects.toThrow(TypeError);
  });
});

describe('parameters', () => {
  test('a parameter that is an object', async () => {
    await expect(storage.bucketGet('bucket', { params: { prefix: {} as string } })).rejects.toThrow(
      /query parameter prefix must be a string/,
    );
  });
});

test('a policy that cannot be JSON', async () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  await expect(storage.bucketSetPolicy('bucket', { data: circular })).rejects.toThrow(
    /data cannot be turned into JSON/,
  );
  await expect(storage.bucketSetPolicy('bucket', { data: circular })).rejects.toThrow(TypeError);
});

describe('sources', () => {
  test.each<[string, unknown]>([
    ['a number', 1],
    ['nothing', undefined],
    ['null', null],
    ['an object', {}],
    ['a list', ['a']],
  ])('%s cannot be written', async (_, source) => {
    await expect(storage.write(source as string, 'k')).rejects.toThrow(
      /what is written must be a path, bytes, a Blob/,
    );
    await expect(storage.write(source as string, 'k')).rejects.toThrow(TypeError);
  });

  test('a stream of what is neither bytes nor text', async () => {
    async function* numbers(): AsyncGenerator<unknown> {
      yield 1;
    }
    await expect(storage.write(numbers() as AsyncGenerator<string>, 'k')).rejects.toThrow(
      /must give bytes or text, not number/,
    );
  });

  test.each([{ partSize: 1 }, { partSize: Number.NaN }, { concurrency: 0 }, { concurrency: 1.5 }])(
    '%j is refused',
    async (options) => {
      await expect(storage.write(join(folder, 'file'), 'k', options)).rejects.toThrow(RangeError);
    },
  );
});
