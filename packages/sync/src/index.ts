export type {
  Action,
  DeleteAction,
  SkipAction,
  SkipReason,
  TransferAction,
  TransferReason,
} from './action.ts';
export { type CopyThroughOptions, copyThrough, type StoredObject } from './copy-through.ts';
export { deleteSent, type SentObject } from './delete-sent.ts';
export { type EntriesOptions, entries } from './entries.ts';
export { type Entry, type Item, isProblem, type Problem, type ProblemReason } from './entry.ts';
export type { SyncEvent, Tally, Totals, WithheldReason } from './events.ts';
export { deleteSentFile, type FileMark, fileMark } from './file-mark.ts';
export {
  entryFilter,
  type Filter,
  type FilterRule,
  parseFilterRules,
  readFilterRules,
} from './filter.ts';
export { isOneObject } from './one-object.ts';
export { isOnlyAborted } from './only-aborted.ts';
export type { PlanOptions, SyncOptions } from './options.ts';
export {
  type LocalOptions,
  type LocalPlace,
  local,
  type Place,
  type RemoteOptions,
  type RemotePlace,
  remote,
} from './place.ts';
export { plan } from './plan.ts';
export { type Preserved, preservingHeaders, readPreserved } from './preserved.ts';
export type { Shard } from './shard.ts';
export { carryOut, type RemoveOptions, removeAll, sync } from './sync.ts';
export { modifiedOf } from './walk.ts';
