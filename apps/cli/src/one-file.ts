import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { isStorageError, type ProgressListener, S3Name, type Storage } from '@s3kit/core';
import {
  copyThrough,
  deleteSent,
  deleteSentFile,
  type FileMark,
  fileMark,
  isOneObject,
  modifiedOf,
  preservingHeaders,
  readPreserved,
  remote,
} from '@s3kit/sync';
import { UsageError } from 'clipanion';
import { inTurn, writeObject } from './byte-output.ts';
import { conditionsOf, headersOf, isKept } from './headers.ts';
import { NotDeletedError } from './not-deleted.ts';
import type { headerOptions, transferOptions } from './option-table.ts';
import type { Given } from './options.ts';
import type { Location, S3Location } from './s3-uri.ts';
import { labelOf } from './s3-uri.ts';
import { standardInput } from './standard-input.ts';
import { guessedType } from './sync-events.ts';

/** How one file is sent. */
export interface Sending {
  readonly given: Given<
    (typeof transferOptions)[number] | (typeof headerOptions)[number] | 'version-id' | 'if-match'
  >;
  /** What has arrived is deleted from the source. */
  readonly moves: boolean;
  readonly services: { readonly source: Storage; readonly destination: Storage };
  readonly stdout: Writable;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/**
 * Sends one file.
 *
 * @returns its size where that is known otherwise than by its progress; null where `--no-clobber` has left the destination as it is
 */
export async function sendFile(
  source: Location,
  target: Location,
  sending: Sending,
): Promise<number | null | undefined> {
  const { given, moves, services, signal } = sending;
  checkGuard(source, target, sending);
  if (moves) await checkMove(source, target, sending);
  if (given['dry-run']) {
    // Else it is the system, or S3 itself, that finds what is there.
    if (given['no-clobber'] && (await isThere(target, services.destination, signal))) return null;
    await checkPlanned(target, sending);
    return sizeOf(source, sending);
  }
  let mark: SourceMark | undefined;
  let size: number | undefined;
  try {
    const renamed = moves ? await rename(source, target, sending) : undefined;
    if (renamed !== undefined) return renamed;
    mark = moves ? await markOf(source, sending) : undefined;
    size = await send(source, target, sending);
  } catch (error) {
    if (isKept(error, given)) return null;
    throw error;
  }
  if (mark !== undefined)
    await remove(source, mark, sending).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new NotDeletedError(labelOf(source), labelOf(target), error);
    });
  return size;
}

/** Refuses what would lose something, or would guard nothing. */
function checkGuard(source: Location, target: Location, { given, moves }: Sending): void {
  if (source.kind !== 's3' && target.kind !== 's3')
    throw new UsageError('one of the two is to be an s3:// URI');
  for (const place of [source, target])
    if (place.kind === 's3' && (place.bucket === '' || place.key === ''))
      throw new UsageError('one file comes from, or goes to, an object: s3://BUCKET/KEY');
  if (given['version-id'] !== undefined && source.kind !== 's3')
    throw new UsageError('--version-id is of an object that is read, and a file has no versions');
  if (given['if-match'] !== undefined && target.kind !== 's3')
    throw new UsageError('--if-match guards an object that is replaced, and a download replaces none');
  if (journalOf(given) !== false && source.kind !== 'local' && target.kind !== 'local')
    throw new UsageError(
      '--resume is for one file of this machine, or one folder: nothing is remembered of one object that is copied, nor of -',
    );
  if (moves && (source.kind === 'stream' || target.kind === 'stream'))
    throw new UsageError('- cannot be moved, nor moved to: what was read is gone');
}

/** Fails where what is only planned would fail for what is at its destination. */
async function checkPlanned(target: Location, { given, services, signal }: Sending): Promise<void> {
  if (target.kind === 'local') {
    const found = await stat(target.path).catch(() => undefined);
    if (found?.isDirectory()) throw new Error(`cannot write ${target.path}: it is a directory`);
  }
  const { 'if-match': ifMatch } = conditionsOf(given);
  if (target.kind !== 's3' || ifMatch === undefined) return;
  await services.destination.head(new S3Name(target.key, target.bucket), { ifMatch, signal });
}

/** Refuses to move an object onto itself, by whatever name: what has been sent is deleted then. */
async function checkMove(
  source: Location,
  target: Location,
  { given, services, signal }: Sending,
): Promise<void> {
  if (source.kind !== 's3' || target.kind !== 's3') return;
  const from = { storage: services.source, name: new S3Name(source.key, source.bucket) };
  const to = { storage: services.destination, name: new S3Name(target.key, target.bucket) };
  if (await isOneObject(from, to, { versionId: given['version-id'], signal }))
    throw new UsageError('an object cannot be moved onto itself: it would be deleted');
}

async function send(source: Location, target: Location, sending: Sending): Promise<number | undefined> {
  if (target.kind === 's3') {
    if (source.kind === 's3') return copy(source, target, sending);
    return upload(source, target, sending);
  }
  if (source.kind !== 's3') return undefined;
  const { given, services, signal, onProgress, stdout } = sending;
  const name = new S3Name(source.key, source.bucket);
  const reading = { versionId: given['version-id'], signal };
  if (target.kind === 'stream') return inTurn(() => writeObject(services.source, name, stdout, reading));
  await mkdir(dirname(target.path), { recursive: true });
  await services.source.read(name, target.path, {
    ...reading,
    ...concurrencyOf(given),
    journal: journalOf(given),
    exclusive: given['no-clobber'],
    onProgress,
    attributes: (headers) => ({
      modified: Date.parse(headers['last-modified'] ?? '') || undefined,
      ...(given.preserve ? readPreserved(headers) : {}),
    }),
  });
  return (await stat(target.path)).size;
}

async function upload(
  source: Exclude<Location, S3Location>,
  target: S3Location,
  { given, services, signal, onProgress }: Sending,
): Promise<number | undefined> {
  const to = new S3Name(target.key, target.bucket);
  const type = given['no-guess-mime-type'] ? {} : guessedType(target.key);
  const headers = { ...type, ...headersOf(given), ...conditionsOf(given) };
  const options = { ...concurrencyOf(given), onProgress, signal };
  if (source.kind === 'stream') {
    await services.destination.write(standardInput(), to, { ...options, headers });
    return undefined;
  }
  const stats = await stat(source.path, { bigint: true });
  const kept = given.preserve
    ? preservingHeaders({ modified: modifiedOf(stats), mode: Number(stats.mode) })
    : {};
  await services.destination.write(source.path, to, {
    ...options,
    journal: journalOf(given),
    headers: { ...kept, ...headers },
  });
  return Number(stats.size);
}

/** In the service, where one connection reaches both; else through this machine. */
async function copy(source: S3Location, target: S3Location, sending: Sending): Promise<number | undefined> {
  const { given, services, signal, onProgress } = sending;
  const headers = { ...headersOf(given), ...conditionsOf(given) };
  const from = new S3Name(source.key, source.bucket);
  const to = new S3Name(target.key, target.bucket);
  const versionId = given['version-id'];
  if (services.source !== services.destination)
    return copyThrough(
      { storage: services.source, name: from },
      { storage: services.destination, name: to },
      { ...concurrencyOf(given), headers, versionId, onProgress, signal },
    );
  const size = await sizeOf(source, sending);
  await services.destination.copy(from, to, {
    ...concurrencyOf(given),
    headers,
    sourceVersionId: versionId,
    onProgress,
    signal,
  });
  return size;
}

/** Within a directory bucket an object gets another key, and no byte moves; undefined where it has to be copied. */
async function rename(source: Location, target: Location, sending: Sending): Promise<number | undefined> {
  const { given, services, signal } = sending;
  if (source.kind !== 's3' || target.kind !== 's3' || services.source !== services.destination)
    return undefined;
  if (source.bucket !== target.bucket || !source.bucket.endsWith('--x-s3')) return undefined;
  // The copy would have other metadata; and S3 renames no key that ends in a slash.
  if (Object.keys(headersOf(given)).length > 0) return undefined;
  if (given['version-id'] !== undefined || source.key.endsWith('/') || target.key.endsWith('/'))
    return undefined;
  const name = new S3Name(source.key, source.bucket);
  const { size } = await services.source.head(name, { signal });
  try {
    await services.source.objectRename(name, target.key, { headers: conditionsOf(given), signal });
  } catch (error) {
    // Another service than Amazon's, with an ordinary bucket of such a name.
    if (isStorageError(error) && error.code === 'NotImplemented') return undefined;
    throw error;
  }
  return size;
}

/** By what it shows later that a file, or an object, is still what was sent. */
type SourceMark = FileMark | { readonly eTag: string } | { readonly versionId: string };

async function markOf(source: Location, { given, services, signal }: Sending): Promise<SourceMark> {
  if (source.kind === 'local') return fileMark(source.path);
  const versionId = given['version-id'];
  if (source.kind === 'stream' || versionId !== undefined) return { versionId: versionId ?? '' };
  const { eTag } = await services.source.head(new S3Name(source.key, source.bucket), { signal });
  if (!eTag) throw new Error('it has no ETag: nobody could tell whether it is what was sent');
  return { eTag };
}

/** Deletes what was sent, and nothing that was written in its place meanwhile. */
async function remove(source: Location, mark: SourceMark, { services, signal }: Sending): Promise<void> {
  if (source.kind === 'local' && 'ino' in mark) return deleteSentFile(source.path, mark);
  if (source.kind !== 's3' || 'ino' in mark) return;
  const { bucket, key } = source;
  if ('versionId' in mark) {
    await services.source.delete(new S3Name(key, bucket), { ...mark, signal });
    return;
  }
  const [problem] = await deleteSent(remote(services.source, bucket), [{ name: key, ...mark }], signal);
  if (problem !== undefined) throw problem;
}

async function sizeOf(source: Location, { given, services, signal }: Sending): Promise<number> {
  if (source.kind === 'stream') return 0;
  if (source.kind === 'local') return (await stat(source.path)).size;
  const versionId = given['version-id'];
  return (await services.source.head(new S3Name(source.key, source.bucket), { versionId, signal })).size;
}

async function isThere(target: Location, storage: Storage, signal: AbortSignal): Promise<boolean> {
  if (target.kind === 'stream') return false;
  if (target.kind === 's3') {
    const [exists] = await storage.exists(new S3Name(target.key, target.bucket), { signal });
    return exists;
  }
  // A link that leads nowhere is there, too.
  return lstat(target.path).then(
    () => true,
    () => false,
  );
}

function journalOf(given: Sending['given']): boolean | string {
  return given['journal-folder'] ?? given.resume;
}

function concurrencyOf({ concurrency }: Sending['given']): { concurrency?: number } {
  return concurrency === undefined ? {} : { concurrency };
}
