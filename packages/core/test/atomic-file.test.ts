import { closeSync, fstatSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAtomicFile } from '../src/node/atomic-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-atomic-'));
});
afterEach(async () => {
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
