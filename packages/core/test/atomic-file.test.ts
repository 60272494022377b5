import fs, {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAtomicFile } from '../src/node/atomic-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-atomic-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

test('a file that cannot take its place is given up without closing what another has opened meanwhile', async () => {
  const path = join(folder, 'f');
  const file = await createAtomicFile(path);
  const { descriptor } = file;
  await file.write(Buffer.from('content'), 0);
  mkdirSync(path);
  await expect(file.commit()).rejects.toThrow(`cannot write ${path}`);
  // The system gives the lowest number that is free: the one that was closed.
  const other = openSync(join(folder, 'other'), 'w');
  expect(other).toBe(descriptor);
  await file.discard();
  expect(fstatSync(other).isFile()).toBe(true);
  closeSync(other);
  expect(readdirSync(folder).toSorted()).toEqual(['f', 'other']);
});

test.each([1_577_836_800_999, 1_577_836_800_123, 1, 0, -1, -876, -1_500_000_000_877, -1_500_000_000_000])(
  'a file has the very millisecond that it is to have: %d',
  async (modified) => {
    const file = await createAtomicFile(join(folder, 'f'));
    await file.commit({ modified });
    expect(statSync(join(folder, 'f'), { bigint: true }).mtimeNs).toBe(BigInt(modified) * 1_000_000n);
  },
);

describe('an exclusive file', () => {
  const write = async (path: string, text: string): Promise<void> => {
    const file = await createAtomicFile(path, { exclusive: true });
    await file.write(Buffer.from(text), 0);
    await file.commit({ permissions: 0o640, modified: 1_000 }).catch(async (error: unknown) => {
      await file.discard();
      throw error;
    });
  };
  const withoutLinks = (code: string): void => {
    vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error(code), { code });
    });
  };
  const taken = { code: 'EEXIST', message: expect.stringContaining('there is something of that name') };

  test.each([undefined, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])(
    'takes its place, where links answer %s',
    async (code) => {
      if (code !== undefined) withoutLinks(code);
      await write(join(folder, 'f'), 'content');
      expect(readdirSync(folder)).toEqual(['f']);
      expect(readFileSync(join(folder, 'f'), 'utf8')).toBe('content');
      const { mode, mtimeMs, nlink } = statSync(join(folder, 'f'));
      expect([mode & 0o777, mtimeMs, nlink]).toEqual([0o640, 1_000, 1]);
    },
  );

  test.each([undefined, 'EPERM'])(
    'replaces nothing that comes meanwhile, where links answer %s',
    async (code) => {
      if (code !== undefined) withoutLinks(code);
      const path = join(folder, 'f');
      const results = await Promise.allSettled(['1', '2', '3'].map((text) => write(path, text)));
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toMatchObject(taken);
      const first = results.findIndex(({ status }) => status === 'fulfilled');
      expect(readFileSync(path, 'utf8')).toBe(String(first + 1));
      expect(readdirSync(folder)).toEqual(['f']);
    },
  );

  test.each(['a file', 'a folder', 'a link that leads nowhere'])(
    'is refused at once for %s',
    async (what) => {
      const path = join(folder, 'f');
      if (what === 'a file') writeFileSync(path, 'old');
      else if (what === 'a folder') mkdirSync(path);
      else symlinkSync(join(folder, 'nowhere'), path);
      await expect(createAtomicFile(path, { exclusive: true })).rejects.toMatchObject(taken);
      expect(readdirSync(folder)).toEqual(['f']);
    },
  );

  test('leaves nothing behind where it cannot take its place', async () => {
    withoutLinks('EPERM');
    vi.spyOn(fs, 'renameSync').mockImplementation(() => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    });
    await expect(write(join(folder, 'f'), 'content')).rejects.toMatchObject({ code: 'EACCES' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
