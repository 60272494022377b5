import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ObjectVersion, tables } from '../src/records.ts';
import { Store } from '../src/store.ts';

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3kit-store-'));
  store = await Store.open(directory, false);
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function files(): Promise<number> {
  const entries = await readdir(join(directory, 'bodies'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

/** A version whose body is made of one file for each text. */
async function versionOf(...texts: string[]): Promise<{ version: ObjectVersion; ids: string[] }> {
  const parts: { id: string; size: number }[] = [];
  for (const text of texts) {
    const file = await store.commitBody(bytes(text), (_, stored) => ({ value: stored, garbage: [] }));
    if (file) parts.push(file);
  }
  await store.commit((transaction) => {
    transaction.put(tables.bodyParts('body'), parts);
    return { value: undefined, garbage: [] };
  });
  const version: ObjectVersion = {
    versionId: 'null',
    sequence: 1,
    modifiedAt: 0,
    size: texts.join('').length,
    etag: '',
    owner: '',
    headers: {},
    metadata: {},
    tags: {},
    body: { id: 'body', parts: parts.length },
  };
  return { version, ids: parts.map(({ id }) => id) };
}

test('a body is read across its files, from anywhere to anywhere', async () => {
  const texts = ['abc', 'd', 'efgh', 'ij'];
  const whole = texts.join('');
  const { version } = await versionOf(...texts);
  for (let start = 0; start < whole.length; start += 1) {
    for (let end = start; end < whole.length; end += 1) {
      const { source, release } = store.openBody(version, start, end);
      expect(await textOf(source)).toBe(whole.slice(start, end + 1));
      await release();
    }
  }
});

test('a body that was opened stays until it is released, although the index has let go of it', async () => {
  const { version, ids } = await versionOf('old ', 'bytes');
  const first = store.openBody(version, 0, 8);
  const second = store.openBody(version, 0, 8);
  await store.commit((transaction) => {
    transaction.delete(tables.bodyParts('body'));
    for (const id of ids) transaction.delete(tables.file(id));
    return { value: undefined, garbage: [{ name: 'body', ids }] };
  });
  expect(await textOf(first.source)).toBe('old bytes');
  await first.release();
  await first.release();
  expect(await files()).toBe(2);
  expect(await textOf(second.source)).toBe('old bytes');
  await second.release();
  expect(await files()).toBe(0);
});

test('a source that fails, and a work that fails, leave no file', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('some');
    throw new Error('the source broke');
  }
  const keep = store.commitBody(failing(), () => ({ value: undefined, garbage: [] }));
  await expect(keep).rejects.toThrow('the source broke');
  const refuse = store.commitBody(bytes('some'), () => {
    throw new Error('the work refused');
  });
  await expect(refuse).rejects.toThrow('the work refused');
  expect(await files()).toBe(0);
});

test('no bytes, no file', async () => {
  const file = await store.commitBody(bytes('', ''), (_, stored) => ({ value: stored, garbage: [] }));
  expect(file).toBeUndefined();
  expect(await files()).toBe(0);
});
