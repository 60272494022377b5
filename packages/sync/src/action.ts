import type { Entry, ProblemReason } from './entry.ts';

/** Why something is sent. */
export type TransferReason =
  /** The destination has nothing of that name. */
  | 'missing'
  | 'size'
  /** The source was modified after the destination. */
  | 'newer'
  /** The destination's time is not the source's, where `exactTimestamps` asks for it. */
  | 'time'
  | 'checksum'
  /** Nothing was compared. */
  | 'always';

/** Why something is left alone. */
export type SkipReason =
  | ProblemReason
  /** The destination has it already. */
  | 'exists'
  /** A file, where the name wants a folder; or a folder, where it wants a file. */
  | 'clash'
  /** On this machine, its name and another one mean the same file. */
  | 'case-clash'
  /** No file can have its name on this machine. */
  | 'impossible-name'
  /** A symbolic link in the destination leads its name to somewhere else. */
  | 'outside'
  /** It is in an archive, and has to be restored before it can be read. */
  | 'archived'
  /** It was there when the deletions were planned, and the source has it now. */
  | 'reappeared';

/** One thing to do, or not to do. */
export type Action = TransferAction | DeleteAction | SkipAction;

/** Something that is sent from the source to the destination. */
export interface TransferAction {
  readonly kind: 'upload' | 'download' | 'copy';
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly reason: TransferReason;
  readonly source: Entry;
  /** What it takes the place of. */
  readonly destination?: Entry;
}

/** Something that is deleted from the destination. */
export interface DeleteAction {
  readonly kind: 'delete';
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly reason: 'extra';
  readonly destination: Entry;
}

/** Something that is left alone, and should be told of. */
export interface SkipAction {
  readonly kind: 'skip';
  readonly name: string;
  /** Bytes, where they are known. */
  readonly size: number;
  readonly reason: SkipReason;
  /** In words. */
  readonly detail: string;
  /** Whose name it is. @default 'source' */
  readonly side?: 'source' | 'destination';
  /** True where the source or the destination is not wholly known because of it: then nothing is deleted. */
  readonly serious: boolean;
  readonly error?: Error;
}
