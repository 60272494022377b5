import type { RequestHeaders } from '@s3kit/core';
import type { Entry } from './entry.ts';
import { checkFilter, type Filter } from './filter.ts';
import { checkCount } from './place.ts';
import { checkShard, type Shard } from './shard.ts';

/** What is to be done, and what not. */
export interface PlanOptions {
  /** What belongs to the sync. What does not is left alone on both sides. @default everything */
  readonly filter?: Filter | undefined;
  /**
   * When a file that both sides have is sent again.
   *
   * - `modified`: its size differs, or the source is newer
   * - `size`: its size differs
   * - `checksum`: its size or its content differs, by ETags and the checksums that S3 stores; local files are read for it
   * - `always`: every time; the destination is then not even listed, but to delete from it
   *
   * @default 'modified'
   */
  readonly compare?: 'modified' | 'size' | 'checksum' | 'always' | undefined;
  /**
   * With `modified`, into a local folder or, with `preserve`, from one: a destination that is newer differs too, such as the object of a file that
   * was put back as it had been. Into a bucket, the metadata of each object that is newer than its file is asked for. @default false
   */
  readonly exactTimestamps?: boolean | undefined;
  /**
   * What happens to files that the destination has: `replace` those that differ, `keep` all of them, or send `only` what is there
   * already and differs. Not even one that was made in the meantime is replaced by `keep`: what it sends to S3 goes with
   * `If-None-Match: *`.
   *
   * @default 'replace'
   */
  readonly existing?: 'replace' | 'keep' | 'only' | undefined;
  /** Deletes from the destination what the source does not have. @default false */
  readonly delete?: boolean | undefined;
  /** Folders are made and deleted too, empty ones among them; in S3, they are objects of no size whose names end in a slash. @default false */
  readonly folders?: boolean | undefined;
  /**
   * Keeps a file's time and permissions in the object's metadata, and gives them back to the file. Where a comparison by time says
   * that a file differs, its metadata is asked for.
   *
   * @default false: a file that is downloaded has the time of its object
   */
  readonly preserve?: boolean | undefined;
  /** Also reads objects of the storage classes GLACIER and DEEP_ARCHIVE: those that have been restored can be read. @default false */
  readonly archived?: boolean | undefined;
  /** Whether names that differ only in their case mean one file in the destination. @default as the system has it */
  readonly caseInsensitive?: boolean | undefined;
  /** This run's share of the names. @default all of them */
  readonly shard?: Shard | undefined;
  /** Whose file names the destination takes, as in `process.platform`. @default this machine's */
  readonly platform?: string | undefined;
  /** Ends everything with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How it is to be done. */
export interface SyncOptions extends PlanOptions {
  /** Only tells what would be done, and what stands in the way of it, as far as the destination's folder shows. @default false */
  readonly dryRun?: boolean | undefined;
  /** Files under way at a time; of those of 16 MiB or more, four. @default 32 */
  readonly concurrency?: number | undefined;
  /** Any request headers of S3's for what is written, such as the content type, for all or for each. */
  readonly headers?: RequestHeaders | ((entry: Entry) => RequestHeaders) | undefined;
  /**
   * For the journal, where `headers` is a function: a text that is another wherever the function gives other headers. With another
   * text, it is another run. Only a digest of it is kept.
   *
   * @default of a function, nothing is known but that it is one
   */
  readonly headersIdentity?: string | undefined;
  /** Replaces an object only where it still has the ETag that it was listed with, and a file only where it has not changed. @default false */
  readonly ifMatch?: boolean | undefined;
  /** Deletes from the source what has been sent, unless it has been changed since. @default false */
  readonly move?: boolean | undefined;
  /** Deletes nothing where more than so many would be deleted. @default no limit */
  readonly maximumDeletions?: number | undefined;
  /** Deletes also where the source has nothing at all. @default false: then it refuses */
  readonly allowEmptySource?: boolean | undefined;
  /** Deletes also where something has failed before. What is below a folder that could not be read is left alone even so. @default false */
  readonly deleteAfterFailures?: boolean | undefined;
  /** Sends nothing more after the first failure. @default false */
  readonly failFast?: boolean | undefined;
  /**
   * A file that keeps what has been done: with it, a run that has died, or was broken off, is taken up where it was. Names up to the
   * position that it had reached are not looked at again, even if they have been changed since. After one that came to its end, the next
   * begins anew; but where nothing is compared (`always`) and something had failed, it is taken up.
   */
  readonly journal?: string | undefined;
  /** Milliseconds between `progress` events. @default none */
  readonly progressInterval?: number | undefined;
}

/** @throws {RangeError | TypeError} an option that cannot be */
export function checkOptions(options: SyncOptions): void {
  const { shard, concurrency, maximumDeletions, progressInterval, compare, existing } = options;
  if (shard !== undefined) checkShard(shard);
  if (concurrency !== undefined) checkCount('concurrency', concurrency);
  if (progressInterval !== undefined) checkCount('progressInterval', progressInterval);
  if (maximumDeletions !== undefined && !(Number.isSafeInteger(maximumDeletions) && maximumDeletions >= 0))
    throw new RangeError(`maximumDeletions is a whole number, 0 or more, not ${maximumDeletions}`);
  if (options.filter !== undefined) checkFilter(options.filter);
  oneOf('compare', compare, ['modified', 'size', 'checksum', 'always']);
  oneOf('existing', existing, ['replace', 'keep', 'only']);
}

function oneOf(name: string, value: string | undefined, values: readonly string[]): void {
  if (value !== undefined && !values.includes(value))
    throw new TypeError(`${name} is one of ${values.join(', ')}, not ${value}`);
}
