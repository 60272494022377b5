import type { Item } from './entry.ts';
import { compileFilter, type FilterRule } from './filter.ts';
import { list } from './list.ts';
import type { Place } from './place.ts';
import { type Wanted, walk } from './walk.ts';

/** What `entries` takes. */
export interface EntriesOptions {
  /** Rules by name, the last that matches wins. Folders that they leave out are not walked. @default everything */
  readonly rules?: readonly FilterRule[] | undefined;
  /** Folders too, and the objects that stand for them: those whose names end in a slash. @default false */
  readonly folders?: boolean | undefined;
  /** Only what comes behind this name. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * All files of a place, walked or listed, in the order in which S3 lists keys: by the bytes of their names. What cannot be had
 * comes out in its place, as a `Problem`.
 *
 * @throws {Error} the folder cannot be read at all
 * @throws {StorageError} the bucket cannot be listed
 */
export async function* entries(
  place: Place,
  { rules, folders = false, after, signal }: EntriesOptions = {},
): AsyncGenerator<Item, void, undefined> {
  for await (const batch of itemsOf(place, {
    names: compileFilter({ rules: rules ?? [] }),
    folders,
    after,
    signal,
  }))
    yield* batch;
}

/** The same, by batches. */
export function itemsOf(place: Place, wanted: Wanted): AsyncGenerator<readonly Item[]> {
  return place.kind === 'local' ? walk(place, wanted) : list(place, wanted);
}
