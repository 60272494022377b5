import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IndexStore } from '../src/index-store.ts';
import { afterPrefix, tables } from '../src/records.ts';

let directory: string;
let store: IndexStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3kit-index-'));
  store = await IndexStore.open(directory, false);
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const key = (text: string): Buffer => Buffer.from(text);
const everything = { from: key(''), to: Buffer.of(0xff) };

async function contents(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const entry of store.range(everything)) found[entry.key.toString()] = entry.value;
  return found;
}

test('a work sees what the works before it did, and decides by it', async () => {
  const increments = Array.from({ length: 200 }, () =>
    store.transact((transaction) => {
      const count = Number(transaction.get(key('count')) ?? 0);
      transaction.put(key('count'), count + 1);
      return count;
    }),
  );
  const results = await Promise.all(increments);
  expect(new Set(results).size).toBe(200);
  expect(store.get(key('count'))).toBe(200);
});

test('a work that throws changes nothing, and harms no other', async () => {
  const works = [1, 2, 3].map((number) =>
    store.transact((transaction) => {
      transaction.put(key(`k${number}`), number);
      if (number === 2) throw new Error('two is refused');
      return number;
    }),
  );
  expect(await Promise.allSettled(works)).toMatchObject([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: { message: 'two is refused' } },
    { status: 'fulfilled', value: 3 },
  ]);
  expect(await contents()).toEqual({ k1: 1, k3: 3 });
});

test('a range inside of a work shows the changes of this one and of those before it, in order', async () => {
  await store.transact((transaction) => {
    for (const name of ['a', 'c', 'e', 'g']) transaction.put(key(name), 'stored');
  });
  const first = store.transact((transaction) => {
    transaction.put(key('b'), 'first');
    transaction.delete(key('c'));
  });
  const second = store.transact(async (transaction) => {
    transaction.put(key('e'), 'second');
    transaction.put(key('z'), 'second');
    transaction.delete(key('b'));
    transaction.put(key('d'), 'second');
    const seen: string[] = [];
    for await (const entry of transaction.range({ from: key('a'), to: key('z') })) {
      seen.push(`${entry.key.toString()} ${String(entry.value)}`);
    }
    return seen;
  });
  await first;
  expect(await second).toEqual(['a stored', 'd second', 'e second', 'g stored']);
  expect(await contents()).toEqual({ a: 'stored', d: 'second', e: 'second', g: 'stored', z: 'second' });
});

test('a reader outside sees a work wholly or not at all', async () => {
  let mixed = 0;
  const writer = (async () => {
    for (let n = 1; n <= 200; n += 1) {
      await store.transact((transaction) => {
        transaction.put(key('left'), n);
        transaction.put(key('right'), n);
      });
    }
  })();
  for (let n = 0; n < 200; n += 1) {
    const { left, right } = await contents();
    if (left !== right) mixed += 1;
  }
  await writer;
  expect(mixed).toBe(0);
});

test('a cursor keeps its view, and jumps', async () => {
  await store.transact((transaction) => {
    for (const name of ['a', 'b', 'c', 'd']) transaction.put(key(name), name);
  });
  const cursor = store.cursor(everything);
  expect((await cursor.next(1)).map(({ value }) => value)).toEqual(['a']);
  await store.transact((transaction) => transaction.delete(key('c')));
  cursor.seek(key('bb'));
  expect((await cursor.next(10)).map(({ value }) => value)).toEqual(['c', 'd']);
  expect(await cursor.next(10)).toEqual([]);
  await cursor.close();
});

test('closing commits what was asked for', async () => {
  const pending = store.transact((transaction) => transaction.put(key('late'), true));
  await store.close();
  await pending;
  store = await IndexStore.open(directory, true);
  expect(store.get(key('late'))).toBe(true);
});

const names = fc.string({
  unit: fc.constantFrom('a', 'b', '\0', '\u0001', 'é', '\uffff', '𐀀'),
  maxLength: 4,
});

test('fields that follow a key do not change the order of keys, and belong to one key alone', () => {
  fc.assert(
    fc.property(names, names, fc.nat(1e9), fc.nat(1e9), (one, other, first, second) => {
      const order = Math.sign(Buffer.compare(Buffer.from(one), Buffer.from(other)));
      const places = [tables.olderVersion('b', one, first), tables.olderVersion('b', other, second)] as const;
      if (order !== 0) expect(Math.sign(Buffer.compare(...places))).toBe(order);
      // Newest first.
      else expect(Math.sign(Buffer.compare(...places))).toBe(Math.sign(second - first) || 0);
      const { from, to } = tables.olderVersions('b', one);
      const within = Buffer.compare(places[1], from) >= 0 && Buffer.compare(places[1], to) < 0;
      expect(within).toBe(one === other);
    }),
  );
});

test('behind a prefix is above all that begins with it, and not above more', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.uint8Array({ maxLength: 3 }),
      (prefix, rest) => {
        fc.pre(prefix[0] !== 0xff);
        const start = Buffer.from(prefix);
        const behind = afterPrefix(start);
        expect(Buffer.concat([start, rest]).compare(behind)).toBe(-1);
        expect(behind.subarray(0, start.length).compare(start)).toBe(1);
      },
    ),
  );
});
