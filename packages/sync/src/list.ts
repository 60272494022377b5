import { setMaxListeners } from 'node:events';
import type { S3Key } from '@s3kit/core';
import type { Entry } from './entry.ts';
import { compareNames } from './order.ts';
import type { RemotePlace } from './place.ts';
import { keysAhead, type Step } from './split.ts';
import type { Wanted } from './walk.ts';

const pageSize = 1_000;
// A listing that is done after so many pages is not worth being cut.
const pagesBeforeCutting = 4;
// A little less than three pages: a last page that is full does not show that it is the last.
const keysBetweenCuts = 2_900;
// How far these have led shows where to cut. What is further back may be of another kind.
const stepsRemembered = 16;
// Cuts that lie where no keys are cost a request each: so many of them are borne, and half as many as there are other pages.
const pagesInVainBorne = 4;
// Pages that wait for their turn: about 3 MB, and ten times as much that no collector has seen to yet.
const maximumWaiting = 12;

/** A stretch of a listing: the keys behind `after`, up to and with `until`. */
interface Stretch {
  readonly after: string | undefined;
  until: string | undefined;
  readonly pages: (readonly Entry[])[];
  readonly more: () => Promise<readonly S3Key[] | undefined>;
  readonly stop: () => Promise<void>;
  fetching: Promise<void> | undefined;
  failure: { readonly error: unknown } | undefined;
  done: boolean;
  /** What its last pages have led over. */
  readonly steps: Step[];
  /** Of the last page, where no cut has been made behind it yet. */
  lastKeys: readonly string[];
  last: string | undefined;
}

/**
 * The objects of a place, in the order of their keys, page by page.
 *
 * A large listing is cut into stretches that are listed side by side, and come out one behind the other; no more than 12 pages
 * wait for their turn.
 *
 * @throws {StorageError} a page cannot be had
 * @throws {Error} the service lists its keys in another order: those of a directory bucket, for example; or others than were asked for, or
 * without their sizes and times
 */
export async function* list(place: RemotePlace, wanted: Wanted): AsyncGenerator<readonly Entry[]> {
  const { prefix } = place;
  const { after, names, folders } = wanted;
  const stop = new AbortController();
  const signal = wanted.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, wanted.signal]);
  setMaxListeners(0, signal);
  const stretches = [stretchOf(place, after === undefined ? undefined : prefix + after, undefined, signal)];
  let pagesFetched = 0;
  let pagesInVain = 0;
  /** What the last pages of all stretches have led over. */
  const steps: Step[] = [];

  const fetchPage = (stretch: Stretch): void => {
    stretch.fetching = stretch.more().then(
      (keys) => {
        stretch.fetching = undefined;
        stretch.done = keys === undefined || isBehind(keys.at(-1)?.key, stretch.until);
        if (keys === undefined) return;
        pagesFetched++;
        take(stretch, keys);
      },
      (error: unknown) => {
        stretch.fetching = undefined;
        stretch.done = true;
        stretch.failure = { error };
      },
    );
  };

  const take = (stretch: Stretch, keys: readonly S3Key[]): void => {
    const page: Entry[] = [];
    const texts: string[] = [];
    let last = stretch.last ?? stretch.after;
    const from = last ?? keys[0]?.key ?? '';
    for (const key of keys) {
      if (isBehind(key.key, stretch.until)) break;
      const entry = entryOf(key.key.slice(prefix.length), key);
      const error = faultOf(place, last, key, entry);
      if (error !== undefined) {
        stretch.failure = { error };
        stretch.done = true;
        break;
      }
      last = key.key;
      texts.push(key.key);
      const { name } = entry;
      // What has content is no marker of a folder, whatever its name ends in.
      const isIn = folders || !(name === '' || name.endsWith('/')) || key.size !== '0';
      if (isIn && names.accepts(name)) page.push(entry);
    }
    if (texts.length === 0) pagesInVain++;
    const to = stretch.done ? stretch.until : last;
    if (to !== undefined) {
      const step = { from, to, keys: texts.length };
      remember(steps, step);
      remember(stretch.steps, step);
    }
    stretch.last = last;
    stretch.lastKeys = stretch.done ? [] : texts;
    if (page.length > 0) stretch.pages.push(page);
  };

  /** Cuts the first stretch that can be cut, so that as many more requests can be under way. */
  const cut = (count: number): readonly Stretch[] => {
    for (const [index, stretch] of stretches.entries()) {
      if (stretch.done || stretch.lastKeys.length < pageSize) continue;
      const { last = '', until } = stretch;
      // One page does not show how far the next ones lead.
      const pace = stretch.steps.length > 1 ? stretch.steps : steps;
      const ends = keysAhead(stretch.lastKeys, pace, keysBetweenCuts, count).filter(
        (key) => compareNames(last, key) < 0 && key.startsWith(prefix) && !isBehind(key, until),
      );
      stretch.lastKeys = [];
      const [end] = ends;
      if (end === undefined || end === until) continue;
      const cuts = ends.map((key, at) => stretchOf(place, key, ends[at + 1] ?? until, signal));
      stretch.until = end;
      stretches.splice(index + 1, 0, ...cuts);
      return cuts;
    }
    return [];
  };

  const askAhead = (): void => {
    let free = place.listConcurrency - stretches.filter(({ fetching }) => fetching !== undefined).length;
    let waiting = stretches.reduce((sum, { pages }) => sum + pages.length, 0);
    for (const [index, stretch] of stretches.entries()) {
      const isNext = index === 0 && stretch.pages.length < 2;
      if (stretch.done || stretch.fetching !== undefined || (waiting >= maximumWaiting && !isNext)) continue;
      if (free < 1) return;
      fetchPage(stretch);
      free--;
      waiting++;
    }
    if (free < 1 || pagesFetched < pagesBeforeCutting || waiting >= maximumWaiting) return;
    if (pagesInVain > pagesInVainBorne + (pagesFetched - pagesInVain) / 2) return;
    for (const stretch of cut(free)) fetchPage(stretch);
  };

  try {
    for (let first = stretches[0]; first !== undefined; first = stretches[0]) {
      askAhead();
      const page = first.pages.shift();
      if (page !== undefined) yield page;
      else if (first.failure !== undefined) {
        wanted.signal?.throwIfAborted();
        throw first.failure.error;
      } else if (first.done) stretches.shift();
      else await first.fetching;
    }
  } finally {
    // Not where all has come: whatever has to do with signals is compiled anew after the first that is aborted.
    if (stretches.length > 0) stop.abort();
    await Promise.all(stretches.map(({ stop: end }) => end()));
  }
}

function stretchOf(
  { storage, bucket, prefix }: RemotePlace,
  after: string | undefined,
  until: string | undefined,
  signal: AbortSignal,
): Stretch {
  const params = { 'fetch-owner': 'false', ...(after === undefined ? {} : { 'start-after': after }) };
  const pages = storage.bucketListKeys(bucket, { prefix, params, signal }).pages();
  let asking: Promise<unknown> = Promise.resolve();
  return {
    after,
    until,
    pages: [],
    fetching: undefined,
    failure: undefined,
    done: false,
    steps: [],
    lastKeys: [],
    last: undefined,
    more: () => {
      const page = nextPage(pages);
      asking = page.catch(() => undefined);
      return page;
    },
    stop: async () => {
      await asking;
      await pages.return();
    },
  };
}

async function nextPage(
  pages: AsyncIterator<readonly (S3Key | string)[]>,
): Promise<readonly S3Key[] | undefined> {
  const { done, value } = await pages.next();
  // Without a delimiter there are no common prefixes.
  return done === true ? undefined : value.filter((key) => typeof key === 'object');
}

function remember(steps: Step[], step: Step): void {
  steps.push(step);
  if (steps.length > stepsRemembered) steps.shift();
}

function isBehind(key: string | undefined, until: string | undefined): boolean {
  return key !== undefined && until !== undefined && compareNames(key, until) > 0;
}

function entryOf(name: string, { size, lastModified, eTag, storageClass }: S3Key): Entry {
  return { name, size: Number(size), modified: Date.parse(lastModified), eTag, storageClass };
}

/** What is wrong with an element of a listing: taken for another, or for nothing, it would be sent, or deleted, by mistake. */
function faultOf(
  { bucket, prefix }: RemotePlace,
  before: string | undefined,
  { key, size, lastModified }: S3Key,
  entry: Entry,
): Error | undefined {
  if (before !== undefined && compareNames(before, key) >= 0)
    return new Error(
      `the bucket ${bucket} lists its keys in another order than by their bytes (${JSON.stringify(key)} behind ${JSON.stringify(before)}); it cannot be compared without holding all of its names`,
    );
  if (!key.startsWith(prefix))
    return new Error(
      `the bucket ${bucket} lists ${JSON.stringify(key)}, where what begins with ${JSON.stringify(prefix)} was asked for`,
    );
  if (size === '' || !(entry.size >= 0) || Number.isNaN(entry.modified))
    return new Error(
      `the bucket ${bucket} lists ${JSON.stringify(key)} with the size ${JSON.stringify(size)}, modified ${JSON.stringify(lastModified)}: nobody could tell what it is`,
    );
  return undefined;
}
