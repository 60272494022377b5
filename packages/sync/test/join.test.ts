import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry, Item } from '../src/index.ts';
import { join } from '../src/join.ts';
import { compareNames, NamesBefore } from '../src/order.ts';
import { all } from './world.ts';

const name = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '.', '!', '\u{1f600}', '\uffee', 'é'),
  minLength: 1,
  maxLength: 5,
});
const names = fc.uniqueArray(name, { maxLength: 40 });

function entry(text: string): Entry {
  return { name: text, size: 1, modified: 0 };
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

async function* inBatches(list: readonly string[], size: number): AsyncGenerator<readonly Item[]> {
  const sorted = [...list].sort(byBytes);
  for (let start = 0; start < sorted.length; start += size)
    yield sorted.slice(start, start + size).map(entry);
}

test('names are compared by their bytes in UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (one, other) => {
      expect(Math.sign(compareNames(one, other))).toBe(Math.sign(byBytes(one, other)));
    }),
  );
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(Math.sign(compareNames(one, other))).toBe(Math.sign(byBytes(one, other)));
    }),
  );
});

test('the join is what a Map of both sides says', async () => {
  await fc.assert(
    fc.asyncProperty(names, names, fc.integer({ min: 1, max: 7 }), async (source, destination, size) => {
      const expected = new Map<string, [boolean, boolean]>();
      for (const one of source) expected.set(one, [true, false]);
      for (const one of destination) expected.set(one, [expected.has(one), true]);
      const pairs = (await all(join(inBatches(source, size), inBatches(destination, 3)))).flat();
      const found = pairs.map((pair) =>
        'problem' in pair ? [] : [pair.name, [pair.source !== undefined, pair.destination !== undefined]],
      );
      expect(found).toEqual([...expected].sort(([one], [other]) => byBytes(one, other)));
    }),
  );
});

test('a stream that fails makes the join fail, and the other one is closed', async () => {
  let closed = false;
  async function* failing(): AsyncGenerator<readonly Item[]> {
    yield [entry('a')];
    throw new Error('lost');
  }
  async function* endless(): AsyncGenerator<readonly Item[]> {
    try {
      for (let index = 0; ; index++) yield [entry(`b${String(index).padStart(9, '0')}`)];
    } finally {
      closed = true;
    }
  }
  await expect(all(join(failing(), endless()))).rejects.toThrow('lost');
  expect(closed).toBe(true);
});

test('names before: what a name lies below is found, as a search of all of them finds it', () => {
  fc.assert(
    fc.property(names, (list) => {
      const before = new NamesBefore();
      const seen: string[] = [];
      for (const one of [...list].sort(byBytes)) {
        const naive = seen.find((folder) => one.startsWith(`${folder}/`));
        expect(before.holding(one) !== undefined).toBe(naive !== undefined);
        before.add(one);
        seen.push(one);
      }
    }),
  );
});
