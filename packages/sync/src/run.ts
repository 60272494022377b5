import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgressListener, S3Facts } from '@s3kit/core';
import type { Action, DeleteAction, TransferAction } from './action.ts';
import type { Sides } from './compare.ts';
import { deleteSent } from './delete-sent.ts';
import { carryOutDeletions, skipped } from './deletions.ts';
import { itemsOf } from './entries.ts';
import { type SyncEvent, Totalizer, type WithheldReason } from './events.ts';
import { compileFilter } from './filter.ts';
import { entryMark, type Journal, type Resumption } from './journal.ts';
import { Channel, Lanes } from './lanes.ts';
import { asError, codeOf } from './local-folder.ts';
import { strayNameProblem } from './local-name.ts';
import { isOnlyAborted } from './only-aborted.ts';
import type { SyncOptions } from './options.ts';
import type { Place } from './place.ts';
import type { PlannedBatch } from './plan.ts';
import { Spool } from './spool.ts';
import { nameIn, Transfers } from './transfers.ts';
import { Watermark } from './watermark.ts';

/** What a run is made of. */
export interface RunSettings {
  readonly sides: Sides;
  readonly options: SyncOptions;
  /** Ends the run, by the caller's signal or because nobody listens any more. */
  readonly signal: AbortSignal;
  readonly batches: AsyncIterable<PlannedBatch>;
  readonly journal?: Journal | undefined;
  readonly resumption?: Resumption | undefined;
  /** Where the journal lies. */
  readonly ignored?: string | undefined;
}

// A large file is sent in parts, side by side: a few of them fill any line, and more would fill the memory.
const largeFilesAtATime = 4;
const namesBetweenPositions = 1_000;
// The longer what has been sent waits to be deleted, the more of it has been written anew.
const longestWait = 5_000;

function isLarge({ size }: Pick<TransferAction, 'size'>): boolean {
  return size >= S3Facts.multipartThreshold;
}

interface Moved {
  readonly action: TransferAction;
  readonly eTag: string;
  readonly settle: () => void;
}

/** Carries out a plan. */
export class Run {
  readonly events: Channel<SyncEvent> = new Channel();
  readonly #settings: RunSettings;
  readonly #transfers: Transfers;
  readonly #totals = new Totalizer();
  readonly #lanes: Lanes;
  readonly #large: Lanes = new Lanes(largeFilesAtATime);
  readonly #deletions: Spool<DeleteAction & { readonly isOld?: boolean }> = new Spool();
  readonly #watermark = new Watermark();
  #toDelete = { count: 0, bytes: 0 };
  /** Bytes that have gone of large files that are under way. */
  readonly #underWay: Map<TransferAction, number> = new Map();
  /** What has been sent from a bucket, and is to be deleted from it. */
  #moved: Moved[] = [];
  #movedSince = 0;
  #sourceNames = 0;
  #sinceLastPosition = 0;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#transfers = new Transfers(settings.sides, settings.options);
    this.#lanes = new Lanes(settings.options.concurrency ?? 32);
  }

  /**
   * Carries it all out, and tells by `events`.
   *
   * @throws the signal's reason; and where the journal cannot be written
   */
  async work(): Promise<void> {
    const { options, signal, journal } = this.#settings;
    const timer =
      options.progressInterval === undefined
        ? undefined
        : setInterval(() => void this.events.put(this.#progress()), options.progressInterval);
    try {
      await this.#carryOutPlan();
      await this.#lanes.idle();
      await this.#deleteMoved();
      signal.throwIfAborted();
      const withheld = await this.#delete();
      const ok = this.#totals.failures === 0 && withheld === undefined;
      // Also where not all went well: what was done may have been changed by the next time, and a comparison finds that. Where
      // nothing is compared, all would be sent again for the little that has failed.
      if (ok || options.compare !== 'always') journal?.write({ end: true });
      await journal?.flush();
      await this.events.put({
        type: 'summary',
        totals: this.#totals.totals,
        ok,
        ...(withheld === undefined ? {} : { withheld: { ...this.#toDelete, reason: withheld } }),
      });
    } finally {
      clearInterval(timer);
      await this.#lanes.idle();
      await Promise.all([this.#deletions.close(), journal?.close()]).finally(() => this.events.end());
    }
  }

  #progress(): SyncEvent {
    const underWay = { count: this.#underWay.size, bytes: 0 };
    for (const bytes of this.#underWay.values()) underWay.bytes += bytes;
    return { type: 'progress', totals: this.#totals.totals, underWay };
  }

  #tell(event: SyncEvent): Promise<void> | undefined {
    this.#totals.count(event);
    return this.events.put(event);
  }

  async #carryOutPlan(): Promise<void> {
    const { batches, resumption, signal, options } = this.#settings;
    for (const action of resumption?.deletions ?? []) await this.#planDeletion(action, true);
    try {
      for await (const { actions, upTo, unchanged, sourceNames } of batches) {
        this.#sourceNames += sourceNames;
        this.#totals.unchanged += unchanged;
        for (const action of actions) {
          signal.throwIfAborted();
          if (options.failFast === true && this.#totals.failures > 0) return;
          await this.#take(action);
        }
        this.#watermark.reach(upTo);
        this.#notePosition(actions.length);
      }
    } catch (error) {
      signal.throwIfAborted();
      this.#watermark.stop();
      await this.#tell({ type: 'failed', error: asError(error) });
    }
  }

  async #take(action: Action): Promise<void> {
    const { options, resumption, journal } = this.#settings;
    if (action.kind === 'delete') {
      journal?.write({ delete: action });
      return this.#planDeletion(action, false);
    }
    if (action.kind === 'skip') {
      if (!action.serious) return this.#tell({ type: 'skipped', action });
      this.#watermark.stop();
      return this.#tell({ type: 'failed', action, error: action.error ?? new Error(action.detail) });
    }
    // What was compared differs now, whatever was done.
    if (action.reason === 'always' && resumption?.done.get(action.name) === entryMark(action.source)) {
      this.#totals.unchanged++;
      return;
    }
    if (options.dryRun === true) return this.#tellPlanned(action);
    const settle = this.#watermark.begin(action.name);
    const task = (): Promise<void> => this.#send(action, settle);
    await this.#lanes.start(isLarge(action) ? () => this.#large.run(task) : task);
  }

  /** What stands in the way of an action that is not carried out is looked for even so. */
  async #tellPlanned(action: TransferAction): Promise<void> {
    try {
      const obstacle = await this.#transfers.obstacleTo(action);
      if (obstacle === undefined) await this.#tell({ type: 'planned', action });
      else await this.#tell({ type: 'skipped', action: skipped(action, obstacle) });
    } catch (error) {
      await this.#tell({ type: 'failed', action, error: asError(error) });
    }
  }

  async #send(action: TransferAction, settle: () => void): Promise<void> {
    const { options, signal } = this.#settings;
    if (signal.aborted) return;
    try {
      const mark = options.move === true ? await this.#transfers.markOf(action, signal) : undefined;
      const obstacle = await this.#transfers.send(action, signal, this.#watch(action), mark);
      this.#underWay.delete(action);
      if (obstacle !== undefined) {
        settle();
        await this.#tell({ type: 'skipped', action: skipped(action, obstacle) });
        return;
      }
      if (mark !== undefined && 'eTag' in mark)
        return await this.#deleteLater({ action, eTag: mark.eTag, settle });
      const problem = await this.#transfers.deleteSource(action.name, mark).then(() => undefined, asError);
      if (problem !== undefined && isOnlyAborted(problem, signal)) throw problem;
      await this.#finishSent(action, settle, problem);
    } catch (error) {
      this.#underWay.delete(action);
      // What was broken off has not failed; what it could not clean up has.
      if (isOnlyAborted(error, signal)) return;
      this.#watermark.stop();
      await this.#tell({ type: 'failed', action, error: asError(error) });
    }
  }

  /** What is told how far a large file is, where somebody wants to know. */
  #watch(action: TransferAction): ProgressListener | undefined {
    const isWanted = this.#settings.options.progressInterval !== undefined && isLarge(action);
    return isWanted ? ({ transferred }) => void this.#underWay.set(action, transferred) : undefined;
  }

  #notePosition(names: number): void {
    const { upTo } = this.#watermark;
    this.#sinceLastPosition += Math.max(1, names);
    if (upTo === undefined || this.#sinceLastPosition < namesBetweenPositions) return;
    this.#sinceLastPosition = 0;
    this.#settings.journal?.write({ upTo });
  }

  /** Ends what has been sent; what is to be moved has failed where there was a problem with the deletion of its source. */
  async #finishSent(action: TransferAction, settle: () => void, problem: Error | undefined): Promise<void> {
    const { options, journal } = this.#settings;
    if (problem !== undefined) {
      this.#watermark.stop();
      return this.#tell({ type: 'failed', action, error: problem, hasArrived: true });
    }
    settle();
    // A comparison finds what was done by itself, and what is found again where a move has been is new.
    if (options.compare === 'always' && options.move !== true)
      journal?.write({ done: action.name, source: entryMark(action.source) });
    this.#notePosition(1);
    await this.#tell({ type: 'done', action });
  }

  /** What has been sent is settled, and told of, when the source is without it. */
  async #deleteLater(moved: Moved): Promise<void> {
    if (this.#moved.length === 0) this.#movedSince = Date.now();
    this.#moved.push(moved);
    const isFull = this.#moved.length >= S3Facts.maximumDeleteKeys;
    if (isFull || Date.now() - this.#movedSince >= longestWait) await this.#deleteMoved();
  }

  async #deleteMoved(): Promise<void> {
    const { sides, signal } = this.#settings;
    const moved = this.#moved;
    if (moved.length === 0 || sides.source.kind === 'local') return;
    this.#moved = [];
    const sent = moved.map(({ action, eTag }) => ({ name: action.name, eTag }));
    // A failure is that of each: the action that happened to be the last one must not be the only one to have it.
    const failures = await deleteSent(sides.source, sent, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return sent.map(() => asError(error));
    });
    for (const [index, { action, settle }] of moved.entries())
      await this.#finishSent(action, settle, failures[index]);
  }

  async #planDeletion(action: DeleteAction, isOld: boolean): Promise<void> {
    this.#toDelete.count++;
    this.#toDelete.bytes += action.size;
    await this.#deletions.add(isOld ? { ...action, isOld } : action);
  }

  /** Deletes what the plan says, when all else is done; tells why not, where it does not. */
  async #delete(): Promise<WithheldReason | undefined> {
    const { sides, options, signal } = this.#settings;
    if (this.#toDelete.count === 0) return undefined;
    const withheld = await this.#reasonToWithhold();
    if (withheld !== undefined) return withheld;
    if (options.dryRun === true) {
      for await (const action of this.#deletions.read()) await this.#tell({ type: 'planned', action });
      return undefined;
    }
    // Where folders are sent, too, the plan says which of them go.
    const how = { signal, keepsFolders: options.folders === true };
    for await (const events of carryOutDeletions(sides.destination, this.#stillExtra(), how))
      for (const event of events) await this.#tell(event);
    return undefined;
  }

  async #reasonToWithhold(): Promise<WithheldReason | undefined> {
    const {
      allowEmptySource = false,
      deleteAfterFailures = false,
      maximumDeletions,
    } = this.#settings.options;
    if (this.#totals.failures > 0 && !deleteAfterFailures) return 'failures';
    if (maximumDeletions !== undefined && this.#toDelete.count > maximumDeletions) return 'too-many';
    if (!allowEmptySource && this.#sourceNames === 0 && !(await this.#hasSource())) return 'empty-source';
    return undefined;
  }

  /** Whether the source has anything. Of a run that was taken up, only the rest has been listed. */
  async #hasSource(): Promise<boolean> {
    const { sides, options, resumption, ignored, signal } = this.#settings;
    if (resumption?.after === undefined) return false;
    const wanted = { names: compileFilter(options.filter), folders: false, ignored, signal };
    for await (const items of itemsOf(sides.source, wanted)) if (items.length > 0) return true;
    return false;
  }

  /** What was planned by a run that has died may have come back since. */
  async *#stillExtra(): AsyncGenerator<readonly DeleteAction[]> {
    const { sides, options, signal } = this.#settings;
    for await (const { isOld = false, ...action } of this.#deletions.read()) {
      try {
        if (isOld && (await isIn(sides.source, action.name, options.folders === true, signal))) {
          const detail = 'the source has it again';
          await this.#tell({ type: 'skipped', action: skipped(action, { reason: 'reappeared', detail }) });
          continue;
        }
      } catch (error) {
        signal.throwIfAborted();
        await this.#tell({ type: 'failed', action, error: asError(error) });
        continue;
      }
      yield [action];
    }
  }
}

// There can be nothing of such a name.
const nothingThere = new Set<unknown>(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Whether a place has a name now. One that ends in a slash is a folder's only where folders are sent, too. */
async function isIn(place: Place, name: string, folders: boolean, signal: AbortSignal): Promise<boolean> {
  if (place.kind === 'remote') return (await place.storage.exists(nameIn(place, { name }), { signal }))[0];
  const isFolder = name.endsWith('/');
  if (strayNameProblem(name) !== undefined || (isFolder && !folders)) return false;
  try {
    const stats = await lstat(join(place.path, name));
    // A link may stand for either, and is left alone.
    return stats.isSymbolicLink() || stats.isDirectory() === isFolder;
  } catch (error) {
    if (nothingThere.has(codeOf(error))) return false;
    throw error;
  }
}
