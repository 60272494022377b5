import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Connection, Storage } from '@s3kit/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entries, remote, removeAll } from '../src/index.ts';
import { keysAhead } from '../src/split.ts';
import { all } from './world.ts';

/** A service that lists sorted keys, and counts how many requests are under way at a time. */
function serviceOf(keys: readonly string[]): {
  storage: Storage;
  most: () => number;
  requests: () => number;
} {
  let now = 0;
  let most = 0;
  let requests = 0;
  const transport = async ({ target }: { target: string }): Promise<never> => {
    requests++;
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    const query = new URLSearchParams(target.split('?')[1]);
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const first = keys.findIndex((key) => key > after);
    const page = first < 0 ? [] : keys.slice(first, first + 1000);
    const isLast = first < 0 || first + 1000 >= keys.length;
    const contents = page.map(
      (key) =>
        `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>`,
    );
    const more = isLast ? '' : `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>`;
    const text = `<ListBucketResult><IsTruncated>${!isLast}</IsTruncated>${more}${contents.join('')}</ListBucketResult>`;
    // Of a transport's answer, this is all that is read.
    return {
      status: 200,
      statusText: 'OK',
      headers: {},
      body: (async function* () {
        yield Buffer.from(text);
      })(),
      destroy: () => undefined,
    } as never;
  };
  const storage = new Storage(new S3Connection({ accessKeyId: 'a', secretAccessKey: 'b' }, { transport }));
  return { storage, most: () => most, requests: () => requests };
}

function sequence(count: number, text: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => text(index)).sort((one, other) =>
    one < other ? -1 : 1,
  );
}

/** A name in one of many folders that are alike, with room between them: `photos/007/f00999` is followed by `photos/008/f00000`. */
function folderOf(index: number, size: number): string {
  const folder = String(Math.floor(index / size)).padStart(3, '0');
  return `photos/${folder}/f${String(index % size).padStart(5, '0')}`;
}

const shapes: readonly (readonly [string, readonly string[]])[] = [
  ['numbers', sequence(60_000, (index) => `data/${String(index).padStart(8, '0')}.json`)],
  ['hashes', sequence(60_000, (index) => ((index * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0'))],
  [
    'days',
    sequence(
      60_000,
      (index) => `logs/2024/${String(Math.floor(index / 5000) + 1).padStart(2, '0')}/${index}`,
    ),
  ],
  ['folders of a page each', sequence(60_000, (index) => folderOf(index, 1_000))],
  ['folders of two pages each', sequence(60_000, (index) => folderOf(index, 2_000))],
  ['folders of three pages each', sequence(60_000, (index) => folderOf(index, 3_000))],
  ['folders of many pages each', sequence(60_000, (index) => folderOf(index, 20_000))],
  ['words', sequence(12_000, (index) => `${['apple', 'pear', 'Zoo'][index % 3]}-${index}`)],
];

describe('a listing that cannot be', () => {
  const when = '2020-01-01T00:00:00.000Z';
  test.each([
    ['of a key that nobody asked for', 'other/x', '1', when, '"other/x", where what begins with "p/"'],
    ['of a size that is none', 'p/x', 'abc', when, 'the size "abc"'],
    ['of a size below nothing', 'p/x', '-1', when, 'the size "-1"'],
    ['without a size', 'p/x', '', when, 'the size ""'],
    ['of a time that is none', 'p/x', '1', 'yesterday', 'modified "yesterday"'],
  ])('%s is told, and nothing is deleted', async (_, key, size, modified, problem) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const element = `<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>${modified}</LastModified></Contents>`;
      response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${element}</ListBucketResult>`);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const connection = new S3Connection({
      accessKeyId: 'a',
      secretAccessKey: 'b',
      endpoint: `http://127.0.0.1:${port}`,
    });
    try {
      const place = remote(new Storage(connection), 'bucket', 'p/');
      expect(await all(removeAll(place))).toMatchObject([
        { type: 'failed', error: { message: expect.stringContaining(problem) } },
        { type: 'summary', ok: false },
      ]);
      expect(asked.filter((line) => !line.startsWith('GET'))).toEqual([]);
    } finally {
      connection.close();
      server.close();
    }
  });
});

describe('a large listing', () => {
  test.each(shapes)('of %s comes whole, in order, several pages at a time', async (_, keys) => {
    const { storage, most, requests } = serviceOf(keys);
    const items = await all(entries(remote(storage, 'bucket')));
    expect(items.map(({ name }) => name)).toEqual(keys);
    expect(most()).toBeGreaterThan(2);
    expect(most()).toBeLessThanOrEqual(8);
    // Each page once, and at most as many again where stretches meet or nothing is.
    expect(requests()).toBeLessThan((keys.length / 1000) * 2 + 16);
  });

  test('comes whole and in order, however its keys are spread', async () => {
    const alphabet = fc.constantFrom('01', 'abc', '0123456789abcdef', 'AZaz-_/', 'xyz/.019');
    await fc.assert(
      fc.asyncProperty(alphabet, fc.integer({ min: 4, max: 14 }), fc.nat(), async (letters, length, seed) => {
        let state = seed;
        const next = (): number => {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          return state >>> 8;
        };
        const keys = new Set<string>();
        // Clustered: the same letter more often than not.
        for (let count = 0; count < 9_000; count++) {
          let key = '';
          while (key.length < length) key += letters[next() % 3 === 0 ? next() % letters.length : 0];
          keys.add(key);
        }
        const sorted = [...keys].sort((one, other) => (one < other ? -1 : 1));
        const items = await all(entries(remote(serviceOf(sorted).storage, 'bucket'), { folders: true }));
        expect(items.map(({ name }) => name)).toEqual(sorted);
      }),
      { numRuns: 12 },
    );
  });

  test('of one page asks once', async () => {
    const { storage, requests } = serviceOf(['a', 'b']);
    await all(entries(remote(storage, 'bucket')));
    expect(requests()).toBe(1);
  });

  test('goes on behind a name, and stops when nobody listens', async () => {
    const [, keys] = shapes[0] ?? ['', []];
    const { storage, requests } = serviceOf(keys);
    const items = await all(entries(remote(storage, 'bucket', 'data'), { after: '00059998.json' }));
    expect(items.map(({ name }) => name)).toEqual(['00059999.json']);
    const before = requests();
    for await (const item of entries(remote(storage, 'bucket'))) if (item.name !== '') break;
    expect(requests()).toBeLessThan(before + 4);
  });
});

test('keys ahead are text that can be sent', () => {
  const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.uniqueArray(key, { minLength: 2, maxLength: 20 }), (list) => {
      const keys = [...list].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
      for (const ahead of keysAhead(keys, [{ from: keys[0] ?? '', to: keys.at(-1) ?? '', keys: 20 }], 8, 5))
        expect(ahead).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});

test('keys that count up are found so many pages ahead', () => {
  const page = sequence(1000, (index) => `k/${String(index).padStart(6, '0')}`);
  const steps = [{ from: page[0] ?? '', to: page[999] ?? '', keys: 1000 }];
  const ahead = keysAhead(page, steps, 8000, 2);
  expect(ahead).toEqual(['k/008991', 'k/016983']);
});

test('keys in folders that count up are found so many folders ahead, by the names that all of them have', () => {
  const page = sequence(1000, (index) => folderOf(index + 3000, 1000));
  const steps = [0, 1, 2].map((folder) => ({
    from: folderOf(folder * 1000, 1000),
    to: folderOf((folder + 1) * 1000, 1000),
    keys: 1000,
  }));
  expect(keysAhead(page, steps, 5000, 2)).toEqual(['photos/008/f00999', 'photos/013/f00999']);
});
