import { expect, test } from 'vitest';
import { withNextUnderWay } from '../src/next-page.ts';

/** Pages of numbers, and what is asked and read of them, in order. */
function listing(count: number, failing?: number) {
  const log: string[] = [];
  async function* pages(): AsyncGenerator<number, void, undefined> {
    try {
      for (let page = 1; page <= count; page++) {
        log.push(`ask ${page}`);
        if (page === failing) throw new Error(`page ${page} is not to be had`);
        yield page;
      }
    } finally {
      log.push('end');
    }
  }
  return { log, pages: pages() };
}

async function read(pages: AsyncIterable<number>, log: string[], most = Number.POSITIVE_INFINITY) {
  for await (const page of pages) {
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`read ${page}`);
    if (page === most) break;
  }
}

test('from the second page on, the next is asked for before one is read', async () => {
  const { log, pages } = listing(4);
  await read(withNextUnderWay(pages), log);
  expect(log).toEqual([
    ...['ask 1', 'read 1', 'ask 2', 'ask 3', 'read 2', 'ask 4', 'read 3', 'end', 'read 4'],
  ]);
});

test('who reads only the first page asks for no other', async () => {
  const { log, pages } = listing(4);
  await read(withNextUnderWay(pages), log, 1);
  expect(log).toEqual(['ask 1', 'read 1', 'end']);
});

test('a page that fails is told of when those before it have been read', async () => {
  const { log, pages } = listing(4, 3);
  await expect(read(withNextUnderWay(pages), log)).rejects.toThrow('page 3 is not to be had');
  expect(log).toEqual(['ask 1', 'read 1', 'ask 2', 'ask 3', 'end', 'read 2']);
});

test('pages that are left are ended', async () => {
  const { log, pages } = listing(9);
  await read(withNextUnderWay(pages), log, 2);
  expect(log).toEqual(['ask 1', 'read 1', 'ask 2', 'ask 3', 'read 2', 'end']);
});
