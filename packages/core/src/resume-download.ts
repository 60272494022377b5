import { type ChecksumAlgorithm, isChecksumAlgorithm } from '@s3kit/checksums';
import type { Connection } from './connection.ts';
import { checksumOfFile } from './download.ts';
import type { ExpectedChecksum } from './expected-checksum.ts';
import type { JournalPlace } from './journal-place.ts';
import type { AtomicFile } from './node/atomic-file.ts';
import { Journal, type JournalRecord, journalPath, transferDigest } from './node/journal.ts';
import { type PartRange, planParts } from './part-plan.ts';
import type { ObjectName } from './s3-name.ts';

/** The object that is being fetched, and how. */
interface DownloadTask {
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
  readonly partSize: number;
  /** Of the ranges' checksums. */
  readonly algorithm: ChecksumAlgorithm;
  /** What S3 says the whole must add up to. */
  readonly expected: ExpectedChecksum | undefined;
}

/** What an earlier run has left of a download. */
export interface DownloadBefore extends DownloadTask {
  /** The checksums of ranges that are there, by their numbers; never of all. */
  readonly done: ReadonlyMap<number, string>;
  /** The first bytes that are missing, up to what is there again; the last is included. */
  readonly next: { readonly start: number; readonly end: number };
}

/** The journal of a download. */
export interface DownloadJournal {
  /** Finds out what of the temporary file is what was written there. */
  recall(file: AtomicFile): Promise<DownloadBefore | undefined>;
  begin(task: DownloadTask): Promise<void>;
  remember(range: PartRange, checksum: string): Promise<void>;
  /** Whether there is something that another run could go on with. */
  hasTask(): boolean;
  /** There is nothing to go on with any more. */
  remove(): Promise<void>;
  close(): Promise<void>;
  /** The end of the temporary file's name. */
  readonly digest: string;
  /** Bytes of the object, where an earlier run had them all. */
  readonly completeSize: number | undefined;
}

/** Opens the journal of a download to a local file. */
export async function openDownloadJournal(
  connection: Connection,
  { bucket, key }: ObjectName,
  localFile: string,
  place: JournalPlace,
): Promise<DownloadJournal> {
  const identity = { kind: 'download', localFile, endpoint: connection.endpoint, bucket, key } as const;
  const path = journalPath(place, identity);
  const journal = await Journal.open(path);
  const task = journal.found && taskIn(journal.found.task);
  return {
    // What belongs to another journal is another's.
    digest: transferDigest({ ...identity, localFile: path }),
    completeSize: task && isComplete(task, journal.found?.done ?? []) ? task.size : undefined,
    async recall(file) {
      return task && rightRanges(file, task, journal.found?.done ?? []);
    },
    begin: (task) => journal.begin({ s3kit: 'download', version: 1, ...task }),
    remember: ({ partNumber }, checksum) => journal.append({ part: partNumber, checksum }),
    hasTask: () => journal.hasTask,
    remove: () => journal.remove(),
    close: () => journal.close(),
  };
}

function isComplete({ size, partSize }: DownloadTask, records: readonly JournalRecord[]): boolean {
  return new Set(records.map(({ part }) => part)).size === Math.ceil(size / partSize);
}

function taskIn(record: JournalRecord): DownloadTask | undefined {
  const { s3kit, version, eTag, size, partSize, algorithm, expected } = record;
  if (s3kit !== 'download' || version !== 1) return undefined;
  if (typeof eTag !== 'string' || typeof size !== 'number' || typeof partSize !== 'number') return undefined;
  if (typeof algorithm !== 'string' || !isChecksumAlgorithm(algorithm)) return undefined;
  // Written by `begin`, whose type it has.
  return { eTag, size, partSize, algorithm, expected: expected as ExpectedChecksum | undefined };
}

/** The ranges of the temporary file that still hold what was written there: a machine that fell may have lost some of it. */
async function rightRanges(
  file: AtomicFile,
  task: DownloadTask,
  records: readonly JournalRecord[],
): Promise<DownloadBefore | undefined> {
  const ranges = [...planParts(task.size, task.partSize)];
  const written = new Map(records.map(({ part, checksum }) => [part, checksum]));
  const done = new Map<number, string>();
  for (const { partNumber, offset, length } of ranges) {
    const checksum = written.get(partNumber);
    if (typeof checksum !== 'string') continue;
    if ((await checksumOfFile(file, task.algorithm, offset, length)) === checksum)
      done.set(partNumber, checksum);
  }
  // Where nothing is missing, the last is asked for again: it shows whether the object is still the same.
  if (done.size === 0) return undefined;
  if (done.size === ranges.length) done.delete(ranges.length);
  const first = ranges.findIndex(({ partNumber }) => !done.has(partNumber));
  const after = ranges.findIndex(({ partNumber }, index) => index > first && done.has(partNumber));
  const start = ranges[first]?.offset ?? 0;
  return { ...task, done, next: { start, end: (ranges[after]?.offset ?? task.size) - 1 } };
}
