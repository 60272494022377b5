import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type S3ConnectionRuntime, S3Name } from '@s3kit/core';
import { openInProcess } from '@s3kit/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { local, remote, sync } from '../src/index.ts';
import { readPreserved } from '../src/preserved.ts';
import { all, objectsIn, openWorld, told, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

// aws/aws-cli issues 9074, 7011: builds write the same content anew.
describe('by checksum', () => {
  const options = { compare: 'checksum' } as const;
  const future = new Date(Date.now() + 3_600_000);

  test('a file that was only written anew is not sent, and one of other content is', async () => {
    const folder = await world.files('up', { same: 'one', other: 'one' });
    await all(sync(local(folder), world.bucket()));
    await writeFile(join(folder, 'other'), 'two');
    for (const name of ['same', 'other']) await utimes(join(folder, name), future, future);
    expect(await told(sync(local(folder), world.bucket(), options))).toEqual(['upload other: checksum']);
    await all(sync(world.bucket(), local(folder), options));
    expect(await told(sync(world.bucket(), local(folder), options))).toEqual([]);
  });

  test('an object of parts is compared by its parts, whatever their size', async () => {
    const folder = await world.files('up', {});
    const content = randomBytes(17 * 1024 * 1024);
    await writeFile(join(folder, 'large'), content);
    for (const partSize of [5 * 1024 * 1024, 7 * 1024 * 1024]) {
      await world.storage.write(join(folder, 'large'), new S3Name('large', 'bucket'), { partSize });
      expect(await told(sync(local(folder), world.bucket(), options))).toEqual([]);
    }
    content[10_000_000] = (content[10_000_000] ?? 0) ^ 1;
    await writeFile(join(folder, 'large'), content);
    expect(await told(sync(local(folder), world.bucket(), options))).toEqual(['upload large: checksum']);
  });

  test('between buckets', async () => {
    await world.objects('p/', { same: 'one', other: 'one' });
    const there = remote(world.storage, 'other');
    await all(sync(world.bucket('p'), there));
    await world.objects('p/', { other: 'two' });
    expect(await told(sync(world.bucket('p'), there, options))).toEqual(['copy other: checksum']);
  });
});

describe('times and permissions', () => {
  test('are kept in the metadata and given back; a second run does nothing, either way', async () => {
    // What `utimes` of Node, which cuts fractions of seconds in binary, keeps.
    const time = new Date(1_500_000_000_125);
    const folder = await world.files('up', { one: '1' }, time);
    await chmod(join(folder, 'one'), 0o640);
    const options = { preserve: true };
    await all(sync(local(folder), world.bucket(), options));
    const down = join(world.folder, 'down');
    await all(sync(world.bucket(), local(down), options));
    const { mtimeMs, mode } = await stat(join(down, 'one'));
    expect(mtimeMs).toBeCloseTo(time.getTime(), 1);
    expect(mode & 0o777).toBe(0o640);
    expect(await told(sync(world.bucket(), local(down), options))).toEqual([]);
    expect(await told(sync(local(down), world.bucket(), options))).toEqual([]);
    await utimes(join(down, 'one'), time, new Date(1_600_000_000_000));
    await writeFile(join(folder, 'one'), '2');
    await all(sync(local(folder), world.bucket(), options));
    await all(sync(world.bucket(), local(down), options));
    expect(await readFile(join(down, 'one'), 'utf8')).toBe('2');
  });

  test.each([
    ['2020-01-01 00:00:00.999999999', Date.UTC(2020, 0, 1, 0, 0, 0, 999)],
    ['2020-01-01 00:00:00.123000000', Date.UTC(2020, 0, 1, 0, 0, 0, 123)],
    ['1960-01-01 00:00:00.123456789', Date.UTC(1960, 0, 1, 0, 0, 0, 123)],
    ['1960-01-01 00:00:00.999999999', Date.UTC(1960, 0, 1, 0, 0, 0, 999)],
    ['1960-01-01 00:00:00', Date.UTC(1960, 0, 1)],
  ])('a time of nanoseconds comes back cut to milliseconds: %s', async (time, expected) => {
    const folder = await world.files('up', { one: '1' });
    execFileSync('touch', ['-d', `${time} UTC`, join(folder, 'one')]);
    await all(sync(local(folder), world.bucket(), { preserve: true }));
    const down = join(world.folder, 'down');
    await all(sync(world.bucket(), local(down), { preserve: true }));
    const { mtimeNs } = await stat(join(down, 'one'), { bigint: true });
    expect(mtimeNs).toBe(BigInt(expected) * 1_000_000n);
  });

  test('with exactTimestamps, a file that was put back as it had been is sent, and nothing is sent twice', async () => {
    const folder = await world.files('up', { back: '2', same: '1' }, new Date(1_600_000_000_000));
    const options = { preserve: true, exactTimestamps: true };
    await all(sync(local(folder), world.bucket(), options));
    expect(await told(sync(local(folder), world.bucket(), options))).toEqual([]);
    await writeFile(join(folder, 'back'), '1');
    const before = new Date(1_500_000_000_000);
    await utimes(join(folder, 'back'), before, before);
    expect(await told(sync(local(folder), world.bucket(), { preserve: true }))).toEqual([]);
    expect(await told(sync(local(folder), world.bucket(), options))).toEqual(['upload back: time']);
    expect(await told(sync(local(folder), world.bucket(), options))).toEqual([]);
    expect(await told(sync(world.bucket(), local(folder), options))).toEqual([]);
  });

  test('with exactTimestamps, objects are newer than those that they are copies of', async () => {
    let reads = 0;
    const now = (): Date => new Date(Date.now() + 2_000 * reads++);
    const server = await openInProcess({ buckets: ['one', 'two'], now });
    const storage = world.anotherStorage({ transport: server.transport });
    await storage.write({ text: 'text' }, new S3Name('a', 'one'));
    const sides = [remote(storage, 'one'), remote(storage, 'two')] as const;
    const options = { preserve: true, exactTimestamps: true };
    expect(await told(sync(...sides, options))).toEqual(['copy a: missing']);
    expect(await told(sync(...sides, options))).toEqual([]);
    await server.close();
  });

  test.each([
    [
      'rclone',
      { 'x-amz-meta-mtime': '1354040105.123456789', 'x-amz-meta-mode': '100664' },
      1354040105123,
      0o664,
    ],
    ['s3fs', { 'x-amz-meta-mtime': '1354040105', 'x-amz-meta-mode': '33188' }, 1354040105000, 0o644],
    ['rclone, near the end', { 'x-amz-meta-mtime': '1577836800.999999999' }, 1577836800999, undefined],
    ['rclone, before 1970', { 'x-amz-meta-mtime': '-1577836800.123456789' }, -1577836800124, undefined],
    ['rclone, just before 1970', { 'x-amz-meta-mtime': '-0.5' }, -500, undefined],
    // In Go, a time before 1970 has nanoseconds that lead forwards.
    ['mc, before 1970', { 'x-amz-meta-mc-attrs': 'mode:33152/mtime:-2#123456789' }, -1877, 0o600],
    [
      's3cmd',
      { 'x-amz-meta-s3cmd-attrs': 'atime:1/ctime:2/gid:0/md5:aa/mode:33188/mtime:1354040105/uid:0' },
      1354040105000,
      0o644,
    ],
    [
      'mc',
      { 'x-amz-meta-mc-attrs': 'atime:1#5/gid:0/mode:33152/mtime:1354040105#123000000/uid:0' },
      1354040105123,
      0o600,
    ],
    // By POSIX, a copy that another owner has keeps neither bit; the sticky bit is not among them.
    ['a program with set-user-ID and set-group-ID', { 'x-amz-meta-mode': '107755' }, undefined, 0o1755],
    ['the same in s3cmd', { 'x-amz-meta-s3cmd-attrs': 'mode:36333' }, undefined, 0o755],
    ['nobody', { 'x-amz-meta-mtime': 'yesterday', 'x-amz-meta-mode': 'rw' }, undefined, undefined],
  ])('are read as %s writes them', (_, metadata, modified, permissions) => {
    // The first has only the keys that the others may lack.
    const found = readPreserved(metadata as Readonly<Record<string, string>>);
    expect([found.modified, found.permissions]).toEqual([modified, permissions]);
  });
});

describe('a file that cannot be compared has failed, and keeps neither the others nor what is extra', () => {
  test('one that cannot be read any more', async () => {
    const folder = await world.files('up', { a: '1', b: '2', c: '3' });
    await all(sync(local(folder), world.bucket()));
    await world.files('up', { a: '9', b: '9', d: '4' });
    await world.objects('', { extra: '1' });
    // It goes while the destination is listed, behind the walk.
    const transport: NonNullable<S3ConnectionRuntime['transport']> = async (request, signal) => {
      const answer = await world.server.transport(request, signal);
      if (request.target.includes('list-type')) await rm(join(folder, 'b'), { force: true });
      return answer;
    };
    const there = remote(world.anotherStorage({ transport }), 'bucket');
    expect(await told(sync(local(folder), there, { compare: 'checksum', delete: true }))).toEqual([
      'failed b: ENOENT',
      'upload a: checksum',
      'upload d: missing',
    ]);
    expect(await objectsIn(world)).toEqual({ a: '9', b: '2', c: '3', d: '4', extra: '1' });
  });

  test('one whose metadata S3 does not tell', async () => {
    const folder = await world.files('up', { a: '1', b: '2' });
    await all(sync(local(folder), world.bucket(), { preserve: true }));
    await world.files('up', { a: '3', b: '4', c: '5' }, new Date(Date.now() + 60_000));
    world.server.inject({ operation: 'HeadObject', key: 'b', error: { status: 403 }, times: 9 });
    const lines = await told(sync(local(folder), world.bucket(), { preserve: true }));
    expect(lines).toEqual([expect.stringMatching(/^failed b: /), 'upload a: newer', 'upload c: missing']);
  });
});
