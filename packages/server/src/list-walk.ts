import type { Entry, IndexStore, KeyRange } from './index-store.ts';
import { afterPrefix } from './records.ts';

/** What a walk comes to, in byte order: an entry, or a common prefix that stands for all entries below it. */
export type Step = { entry: Entry; name: string } | { commonPrefix: string };

/** How a listing goes through a table of the index. */
export interface Walk {
  index: IndexStore;
  range: KeyRange;
  /** The name (an object's key) that an entry is for. */
  nameOf: (entry: Entry) => string;
  /** The start of the index keys of all names that begin with this. */
  indexPrefix: (name: string) => Buffer;
  prefix: string;
  /** Empty: no grouping. */
  delimiter: string;
  /** Entries that are not listed are passed over, and make no common prefix. */
  isListed?: (entry: Entry) => boolean;
}

/**
 * Entries that are read at a time. A read is a trip to the thread pool, which takes as long as reading some 30 entries: so few
 * where the rest of a read lies below a common prefix, and many where that is not so. Two tell which it is.
 */
const smallestRead = 2;
const firstRead = 32;
const largestRead = 256;
const entriesPerTrip = 30;

/**
 * Walks entries and common prefixes. At a common prefix it jumps behind all that the prefix stands for, so
 * a page costs what is on it, however much lies below.
 */
export async function* walk(options: Walk): AsyncGenerator<Step> {
  const { index, range, nameOf, indexPrefix, prefix, delimiter, isListed = () => true } = options;
  if (range.from.compare(range.to) >= 0) return;
  const cursor = index.cursor(range);
  try {
    let count = delimiter === '' ? largestRead : firstRead;
    for (let page = await cursor.next(count); page.length > 0; page = await cursor.next(count)) {
      let behind: Buffer | undefined;
      let steps = 0;
      for (const entry of page) {
        if (behind && entry.key.compare(behind) < 0) continue;
        behind = undefined;
        steps += 1;
        if (!isListed(entry)) continue;
        const name = nameOf(entry);
        const end = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
        if (end < 0) {
          yield { entry, name };
          continue;
        }
        const commonPrefix = name.slice(0, end + delimiter.length);
        behind = afterPrefix(indexPrefix(commonPrefix));
        yield { commonPrefix };
      }
      if (behind) cursor.seek(behind);
      const worthwhile = !behind || (steps > 1 && steps * entriesPerTrip > count);
      count = worthwhile ? Math.min(count * 2, largestRead) : Math.max(count / 2, smallestRead);
    }
  } finally {
    await cursor.close();
  }
}
