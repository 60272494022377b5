import type { Action, DeleteAction, SkipAction, TransferAction } from './action.ts';

/** How many, and how large together. */
export interface Tally {
  readonly count: number;
  /** Bytes. */
  readonly bytes: number;
}

/** What a run has come to. */
export interface Totals {
  readonly uploaded: Tally;
  readonly downloaded: Tally;
  readonly copied: Tally;
  readonly deleted: Tally;
  readonly skipped: Tally;
  readonly failed: Tally;
  /** What both sides had, and was found to be the same. */
  readonly unchanged: number;
}

/** Why nothing was deleted. */
export type WithheldReason = 'failures' | 'too-many' | 'empty-source';

/** What a sync tells while it runs. */
export type SyncEvent =
  /** In a dry run: what would be done. */
  | { readonly type: 'planned'; readonly action: TransferAction | DeleteAction }
  | { readonly type: 'done'; readonly action: TransferAction | DeleteAction }
  | { readonly type: 'skipped'; readonly action: SkipAction }
  /** What could not be done; without an action, the plan itself. */
  | {
      readonly type: 'failed';
      readonly action?: Action;
      readonly error: Error;
      /** Of a move: what was to be sent is in the destination, and could only not be deleted from the source. */
      readonly hasArrived?: boolean;
    }
  | {
      readonly type: 'progress';
      readonly totals: Totals;
      /** Large files that are on their way, with the bytes that have gone already. */
      readonly underWay: Tally;
    }
  /** The last event. */
  | {
      readonly type: 'summary';
      readonly totals: Totals;
      /** Whether all that was to be done has been done. */
      readonly ok: boolean;
      /** What would have been deleted, and why it was not. */
      readonly withheld?: Tally & { readonly reason: WithheldReason };
    };

const tallyOf = {
  upload: 'uploaded',
  download: 'downloaded',
  copy: 'copied',
  delete: 'deleted',
} as const;

type Tallies = { -readonly [Name in Exclude<keyof Totals, 'unchanged'>]: { count: number; bytes: number } };

/** Adds up events. */
export class Totalizer {
  readonly #tallies: Tallies = {
    uploaded: { count: 0, bytes: 0 },
    downloaded: { count: 0, bytes: 0 },
    copied: { count: 0, bytes: 0 },
    deleted: { count: 0, bytes: 0 },
    skipped: { count: 0, bytes: 0 },
    failed: { count: 0, bytes: 0 },
  };
  unchanged = 0;

  get failures(): number {
    return this.#tallies.failed.count;
  }

  count(event: SyncEvent): void {
    if (event.type === 'progress' || event.type === 'summary') return;
    const size = event.action?.size ?? 0;
    const tally =
      event.type === 'failed'
        ? this.#tallies.failed
        : event.type === 'skipped'
          ? this.#tallies.skipped
          : this.#tallies[tallyOf[event.action.kind]];
    tally.count++;
    tally.bytes += size;
  }

  get totals(): Totals {
    const copies = Object.entries(this.#tallies).map(([name, tally]) => [name, { ...tally }]);
    // The same names as those of the tallies.
    return { ...(Object.fromEntries(copies) as Tallies), unchanged: this.unchanged };
  }
}
