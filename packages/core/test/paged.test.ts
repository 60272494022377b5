import { expect, test } from 'vitest';
import { Paged } from '../src/index.ts';

/** Pages, and a record of which were asked for. */
function paged(pages: readonly (readonly number[] | Error)[]): { items: Paged<number>; log: string[] } {
  const log: string[] = [];
  const items = new Paged<number>(async () => {
    log.push('opened');
    return (async function* () {
      try {
        for (const page of pages) {
          log.push('asked');
          if (page instanceof Error) throw page;
          yield page;
        }
      } finally {
        log.push('closed');
      }
    })();
  });
  return { items, log };
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

test('items come one by one, and pages as they are', async () => {
  const pages = [[1, 2], [], [3], [4, 5, 6]];
  expect(await all(paged(pages).items)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await all(paged(pages).items.pages())).toEqual([[1, 2], [3], [4, 5, 6]]);
});

test('nothing is asked for before it is wanted', async () => {
  const { items, log } = paged([[1, 2], [3]]);
  const pages = items.pages();
  expect(log).toEqual([]);
  expect(await pages.next()).toEqual({ done: false, value: [1, 2] });
  expect(log).toEqual(['opened', 'asked']);
});

test('pages begin with what is left', async () => {
  const { items } = paged([[1, 2, 3], [4]]);
  expect(await items.next()).toEqual({ done: false, value: 1 });
  expect(await all(items.pages())).toEqual([[2, 3], [4]]);
  expect(await items.next()).toEqual({ done: true, value: undefined });
});

test('who stops reading pages ends it all', async () => {
  const { items, log } = paged([[1], [2], [3]]);
  for await (const page of items.pages()) {
    expect(page).toEqual([1]);
    break;
  }
  expect(log).toEqual(['opened', 'asked', 'closed']);
  expect(await items.next()).toEqual({ done: true, value: undefined });
});

test('a failure comes once, and then the end', async () => {
  const failure = new Error('the network is gone');
  const { items } = paged([[1], failure, [2]]);
  const pages = items.pages();
  expect(await pages.next()).toEqual({ done: false, value: [1] });
  await expect(pages.next()).rejects.toBe(failure);
  expect(await pages.next()).toEqual({ done: true, value: undefined });
  expect(await items.next()).toEqual({ done: true, value: undefined });
});

test('of several that ask at once, the first is told of the failure, and the others of the end', async () => {
  const failure = new Error('the network is gone');
  const { items } = paged([failure]);
  const asked = [items.next(), items.next(), items.next()];
  await expect(asked[0]).rejects.toBe(failure);
  expect(await Promise.all(asked.slice(1))).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});
