import type { FaultKind } from '../faults.ts';
import { type Outcome, runTransfer, type TransferResult } from './run-transfer.ts';
import { scenarioOf } from './scenario.ts';
import type { World } from './world.ts';

/** A transfer that ended as none may. */
export interface Violation {
  readonly index: number;
  readonly problem: string;
}

/** What many transfers met, and how they ended. */
export interface Summary {
  readonly transfers: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly namedUploads: number;
  readonly lostUploads: number;
  readonly violations: readonly Violation[];
}

// Most of a transfer's time is waiting.
const lanes = 8;

/** Carries out the transfers of a seed, several at a time, each through a proxy of its own. */
export async function runTransfers(world: World, seed: number, indexes: readonly number[]): Promise<Summary> {
  const outcomes: Partial<Record<Outcome, number>> = {};
  const faults: Partial<Record<FaultKind, number>> = {};
  const violations: Violation[] = [];
  let namedUploads = 0;
  let lostUploads = 0;

  const note = (index: number, result: TransferResult): void => {
    if (result.outcome !== undefined) outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
    for (const kind of result.faults) faults[kind] = (faults[kind] ?? 0) + 1;
    namedUploads += result.namedUploads;
    lostUploads += result.lostUploads;
    violations.push(...result.violations.map((problem) => ({ index, problem })));
  };

  const waiting = indexes.values();
  const lane = async (): Promise<void> => {
    for (const index of waiting) note(index, await runTransfer(world, scenarioOf(seed, index)));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { transfers: indexes.length, outcomes, faults, namedUploads, lostUploads, violations };
}
