import { existsSync } from 'node:fs';
import { type ChecksumAlgorithm, createChecksum, toBase64 } from '@s3kit/checksums';
import { sha256Hex } from '@s3kit/sigv4';
import { fromHex } from './bytes.ts';
import type { Connection, S3Answer } from './connection.ts';
import type { HeaderRecord } from './http.ts';
import type { JournalPlace } from './journal-place.ts';
import { abortUpload, objectOfParts, splitHeaders, type UploadMemory } from './multipart.ts';
import { type ListedPart, listedParts, type SentPart } from './multipart-documents.ts';
import { Journal, type JournalRecord, journalPath } from './node/journal.ts';
import type { LocalFile } from './node/local-file.ts';
import { planParts } from './part-plan.ts';
import type { ObjectName } from './s3-name.ts';
import { S3Part } from './values.ts';

/** A file whose upload may have a journal. */
interface JournaledFile extends ObjectName {
  readonly connection: Connection;
  readonly file: LocalFile;
  readonly headers: HeaderRecord;
  readonly journal: JournalPlace;
}

/** An upload of a file that another run can go on with. */
interface ResumableUpload extends JournaledFile {
  readonly partSize: number;
  /** Of the parts' checksums. */
  readonly algorithm: ChecksumAlgorithm | undefined;
}

/** The journal of an upload. */
export interface JournaledUpload extends UploadMemory {
  /** S3's answer to a HEAD, where an earlier run had done all, and could not write that down any more. */
  readonly completed: S3Answer | undefined;
  close(): Promise<void>;
}

/**
 * Opens the journal of an upload, and finds out what of it is done: what S3 has, and what is still the same as the local file.
 *
 * The upload of a file that has been changed is aborted.
 */
export async function openUploadJournal(
  upload: ResumableUpload,
  signal: AbortSignal | undefined,
): Promise<JournaledUpload> {
  const task = taskOf(upload);
  const journal = await Journal.open(pathOf(upload));
  const remembered = async (): Promise<Pick<JournaledUpload, 'before' | 'completed'>> => {
    const { uploadId, ...found } = journal.found?.task ?? {};
    if (typeof uploadId !== 'string') return { before: undefined, completed: undefined };
    if (JSON.stringify(found) !== JSON.stringify(task)) {
      await abandon(upload, uploadId, signal);
      return { before: undefined, completed: undefined };
    }
    const written = (journal.found?.done ?? []).flatMap(sentPartIn);
    const listed = await partsOf(upload, uploadId, signal);
    if (listed !== undefined) {
      const parts = await rightParts(upload, listed, written);
      // Those that had arrived when an earlier run could not say so any more: the completed object is known by all of its parts.
      const known = new Map(written.map(({ part }) => [part.partNumber, part.eTag]));
      for (const sent of parts)
        if (known.get(sent.part.partNumber) !== sent.part.eTag) await journal.append(recordOf(sent));
      return { before: { uploadId, parts }, completed: undefined };
    }
    const completed = await completedObject(upload, written, signal);
    if (completed !== undefined) await journal.remove();
    return { before: undefined, completed };
  };
  try {
    return {
      ...(await remembered()),
      created: (uploadId) => journal.begin({ ...task, uploadId }),
      sent: (part) => journal.append(recordOf(part)),
      ended: () => journal.remove(),
      close: () => journal.close(),
      advice: `the parts that were sent are kept, and billed; the same call goes on with them (journal ${journal.path})`,
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** Ends what an earlier run has left in a journal, where the file has become so small that it goes in one request. */
export async function dropUploadJournal(
  upload: JournaledFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = pathOf(upload);
  // Mostly there is none, and none is made.
  if (!existsSync(path)) return;
  const journal = await Journal.open(path);
  try {
    const uploadId = journal.found?.task['uploadId'];
    if (typeof uploadId === 'string') await abandon(upload, uploadId, signal);
    await journal.remove();
  } finally {
    await journal.close();
  }
}

function pathOf({ connection, bucket, key, file, journal }: JournaledFile): string {
  const { endpoint } = connection;
  return journalPath(journal, { kind: 'upload', localFile: file.path, endpoint, bucket, key });
}

/** Aborts an upload that is of no use any more. */
async function abandon(
  upload: JournaledFile,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connection, headers } = upload;
  const leftBehind = await abortUpload(connection, upload, uploadId, headers, signal);
  if (leftBehind !== undefined)
    throw new Error(`the upload of an earlier run is of no use, but ${leftBehind}`);
}

/** What tells this upload from one that would be another object. Headers may hold keys: only their digest is written. */
function taskOf({
  connection,
  bucket,
  key,
  file,
  headers,
  partSize,
  algorithm,
}: ResumableUpload): JournalRecord {
  const sorted = Object.entries(headers).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    s3kit: 'upload',
    version: 1,
    endpoint: connection.endpoint,
    bucket,
    key,
    file: file.path,
    size: file.size,
    modified: file.modified,
    partSize,
    algorithm: algorithm ?? 'none',
    headers: sha256Hex(JSON.stringify(sorted)),
  };
}

function recordOf({ part, size, checksum }: SentPart): JournalRecord {
  return { part: part.partNumber, size, eTag: part.eTag, checksum };
}

function sentPartIn({ part, size, eTag, checksum }: JournalRecord): SentPart[] {
  if (typeof part !== 'number' || typeof size !== 'number' || typeof eTag !== 'string') return [];
  return [
    { part: new S3Part(part, eTag), size, checksum: typeof checksum === 'string' ? checksum : undefined },
  ];
}

/** The parts that S3 has; undefined where it no longer knows the upload. */
async function partsOf(
  { connection, bucket, key, headers, algorithm }: ResumableUpload,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<readonly ListedPart[] | undefined> {
  const parts: ListedPart[] = [];
  for (let marker: string | undefined = '0'; marker !== undefined; ) {
    const answer = await connection.send({
      method: 'GET',
      bucket,
      key,
      query: { uploadId, 'part-number-marker': marker },
      headers: splitHeaders(headers).part,
      errorInside200: true,
      signal,
    });
    // Ceph says NoSuchKey.
    if (answer.response.status === 404 && answer.error?.code !== 'NoSuchBucket') return undefined;
    if (answer.error !== undefined) {
      const { code, message } = answer.error;
      throw new Error(`the parts of the upload ${uploadId} cannot be listed: ${code}: ${message}`);
    }
    const page = listedParts(answer, algorithm);
    parts.push(...page.parts);
    marker = page.next;
  }
  return parts;
}

/**
 * Those of S3's parts that are what the local file holds in their place.
 *
 * What shows it: the checksum that S3 keeps; or the one that was written down when S3 gave the part this ETag; or the ETag, which
 * is the MD5 digest of the part unless keys encrypt it. A part for which nothing does is sent again.
 */
async function rightParts(
  { file, partSize, algorithm }: ResumableUpload,
  listed: readonly ListedPart[],
  written: readonly SentPart[],
): Promise<SentPart[]> {
  const ranges = new Map([...planParts(file.size, partSize)].map((range) => [range.partNumber, range]));
  const right: SentPart[] = [];
  for (const { partNumber, size, eTag, checksum } of listed) {
    const range = ranges.get(partNumber);
    if (range === undefined || range.length !== size) continue;
    const known =
      checksum ??
      written.findLast(({ part }) => part.partNumber === partNumber && part.eTag === eTag)?.checksum;
    const evidence = algorithm !== undefined && known !== undefined ? algorithm : 'md5';
    const digest = createChecksum(evidence);
    const own = algorithm === undefined || algorithm === evidence ? undefined : createChecksum(algorithm);
    for await (const chunk of file.read(range.offset, range.length)) {
      digest.update(chunk);
      own?.update(chunk);
    }
    const found = digest.base64();
    const expected = evidence === 'md5' ? md5Of(eTag) : known;
    if (found !== expected) continue;
    right.push({
      part: new S3Part(partNumber, eTag),
      size,
      checksum: own === undefined && algorithm === evidence ? found : own?.base64(),
    });
  }
  return right;
}

function md5Of(eTag: string): string | undefined {
  const [, hex] = /^"?([0-9a-f]{32})"?$/.exec(eTag) ?? [];
  return hex === undefined ? undefined : toBase64(fromHex(hex));
}

/** The object, where the upload was completed and nobody could write that down. */
async function completedObject(
  { connection, bucket, key, file, partSize, headers }: ResumableUpload,
  written: readonly SentPart[],
  signal: AbortSignal | undefined,
): Promise<S3Answer | undefined> {
  const last = new Map(written.map((sent) => [sent.part.partNumber, sent]));
  const parts = [...planParts(file.size, partSize)].map(({ partNumber }) => last.get(partNumber));
  if (parts.includes(undefined)) return undefined;
  const whole = parts.filter((part) => part !== undefined);
  return objectOfParts(connection, { bucket, key }, splitHeaders(headers).part, whole, signal);
}
