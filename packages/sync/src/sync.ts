import { setMaxListeners } from 'node:events';
import { Paged } from '@s3kit/core';
import type { Action, DeleteAction } from './action.ts';
import type { Sides } from './compare.ts';
import { carryOutDeletions } from './deletions.ts';
import { itemsOf } from './entries.ts';
import { isProblem } from './entry.ts';
import { type SyncEvent, Totalizer } from './events.ts';
import { acceptsEntry, checkFilter, compileFilter, type Filter } from './filter.ts';
import { identityOf, Journal, realPathOf } from './journal.ts';
import { asError } from './local-folder.ts';
import { checkOptions, type SyncOptions } from './options.ts';
import type { Place } from './place.ts';
import { checkBuckets, checkPlaces, type PlannedBatch, planBatches } from './plan.ts';
import { Run, type RunSettings } from './run.ts';

/**
 * Makes a destination what a source is: sends what is missing or differs, and, where asked to, deletes what is extra. Tells what becomes
 * of each file as it happens.
 *
 * Both sides are read as two ordered streams: memory does not grow with the number of names. One file that fails does not keep the others.
 * Deletions come last, and only where nothing has failed before.
 *
 * To stop listening (`break`) ends it, as the signal does: what is under way is broken off, and nothing is left half-done. What could
 * not be cleaned up after the signal is told of as `failed`.
 *
 * @throws {TypeError | RangeError} options, or places, that cannot be; at once, but for a bucket by two names, which has to be asked for
 * @throws the signal's reason; and an `Error` where the journal is another run's, or in use
 * @example
 * for await (const event of sync(local('photos'), remote(storage, 'my-bucket', 'photos/'), { delete: true }))
 *   if (event.type === 'failed') console.error(event.error.message);
 */
export function sync(
  source: Place,
  destination: Place,
  options: SyncOptions = {},
): AsyncGenerator<SyncEvent, void, undefined> {
  const sides = { source, destination };
  checkOptions(options);
  checkPlaces(sides, options);
  return new Paged(() => started(sides, options));
}

async function started(sides: Sides, options: SyncOptions): Promise<Running> {
  await checkBuckets(sides, options);
  const path = options.dryRun === true ? undefined : options.journal;
  const opened = path === undefined ? undefined : await Journal.open(path, identityOf(sides, options));
  // In a dry run, too, one that lies in a place is none of its files.
  const ignored = options.journal === undefined ? undefined : await realPathOf(options.journal);
  const after = opened?.resumption.after;
  return running(sides, options, (inner) => planBatches(sides, inner, { after, ignored }), {
    ...opened,
    ignored,
  });
}

/**
 * Carries out actions that somebody else has planned, or picked from a plan.
 *
 * Deletions come last here too. That the source is empty is no reason to refuse them: nobody has looked. There is no journal: nobody
 * could tell whether the next plan is the same.
 *
 * @throws {TypeError | RangeError} options, or places, that cannot be; at once
 * @throws the signal's reason
 */
export function carryOut(
  actions: Iterable<Action> | AsyncIterable<Action>,
  source: Place,
  destination: Place,
  options: Omit<SyncOptions, 'journal'> = {},
): AsyncGenerator<SyncEvent, void, undefined> {
  const sides = { source, destination };
  checkOptions(options);
  checkPlaces(sides, options);
  if ('journal' in options && options.journal !== undefined)
    throw new TypeError('carryOut takes no journal: that is for sync, which plans as well');
  return new Paged(async () => {
    await checkBuckets(sides, options);
    return running(sides, { ...options, allowEmptySource: true }, () => batchesOf(actions));
  });
}

async function* batchesOf(actions: Iterable<Action> | AsyncIterable<Action>): AsyncGenerator<PlannedBatch> {
  for await (const action of actions)
    yield { actions: [action], upTo: action.name, unchanged: 0, sourceNames: 0 };
}

/** A run's events, as many at a time as there are. */
type Running = AsyncGenerator<readonly SyncEvent[], void, undefined>;

async function* running(
  sides: Sides,
  options: SyncOptions,
  batches: (options: SyncOptions) => AsyncIterable<PlannedBatch>,
  journal: Pick<RunSettings, 'journal' | 'resumption' | 'ignored'> = {},
): Running {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  // Each request listens to it, and there are many.
  setMaxListeners(0, signal);
  const inner = { ...options, signal };
  const run = new Run({ ...journal, sides, options: inner, signal, batches: batches(inner) });
  const work = run.work();
  // Whoever reads to the end hears of it there.
  work.catch(() => undefined);
  try {
    yield* run.events.read();
    await work;
  } finally {
    stop.abort();
    run.events.end();
    await work.catch(() => undefined);
  }
}

/** What `removeAll` takes. */
export interface RemoveOptions {
  /** What is deleted. @default everything */
  readonly filter?: Filter | undefined;
  /** Only tells what would be deleted. @default false */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Deletes all files of a place, as they are walked or listed; of a bucket, 1,000 in a request. The folders that are empty then go
 * too; the place's own folder stays. That a listing breaks off is told as `failed`, before the summary.
 *
 * @throws {TypeError | RangeError} a filter that cannot be; at once
 * @throws the signal's reason
 */
export function removeAll(place: Place, options: RemoveOptions = {}): Paged<SyncEvent> {
  if (options.filter !== undefined) checkFilter(options.filter);
  return new Paged(async () => removals(place, options));
}

async function* removals(
  place: Place,
  { filter = {}, dryRun = false, signal = new AbortController().signal }: RemoveOptions,
): AsyncGenerator<readonly SyncEvent[], void, undefined> {
  const totals = new Totalizer();
  const problems: SyncEvent[] = [];
  async function* batches(): AsyncGenerator<readonly DeleteAction[]> {
    // Folders of this machine, too: empty ones hold no file that they could go with.
    const wanted = { names: compileFilter(filter), folders: true, signal };
    for await (const items of itemsOf(place, wanted)) {
      const actions: DeleteAction[] = [];
      for (const item of items) {
        if (isProblem(item))
          problems.push({ type: 'failed', error: item.error ?? new Error(`${item.name}: ${item.problem}`) });
        else if (acceptsEntry(item, filter))
          actions.push({
            kind: 'delete',
            name: item.name,
            size: item.size,
            reason: 'extra',
            destination: item,
          });
      }
      yield actions;
    }
  }
  async function* planned(): AsyncGenerator<readonly SyncEvent[]> {
    for await (const actions of batches()) yield actions.map((action) => ({ type: 'planned', action }));
  }
  // A folder of this machine is none of the files; that one cannot be deleted is told all the same.
  const isTold = (event: SyncEvent): boolean =>
    place.kind === 'remote' ||
    event.type === 'failed' ||
    !('action' in event && event.action.name.endsWith('/'));
  const counted = (events: readonly SyncEvent[]): readonly SyncEvent[] => {
    const told = events.filter(isTold);
    for (const event of told) totals.count(event);
    return told;
  };
  try {
    for await (const events of dryRun
      ? planned()
      : carryOutDeletions(place, batches(), { signal, keepsFolders: false }))
      yield counted(events);
  } catch (error) {
    signal.throwIfAborted();
    problems.push({ type: 'failed', error: asError(error) });
  }
  yield counted(problems);
  yield [{ type: 'summary', totals: totals.totals, ok: totals.failures === 0 }];
}
