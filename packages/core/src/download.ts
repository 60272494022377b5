import { type ChecksumAlgorithm, createChecksum, isCrcAlgorithm, multipartChecksum } from '@s3kit/checksums';
import { concurrently } from './concurrently.ts';
import type { Connection, S3Answer } from './connection.ts';
import { type ExpectedChecksum, wrongChecksum } from './expected-checksum.ts';
import type { RequestHeaders } from './headers.ts';
import type { AtomicFile } from './node/atomic-file.ts';
import { type ByteRange, type ObjectContent, type OpenOptions, openObject } from './open-object.ts';
import type { PartRange } from './part-plan.ts';
import type { ProgressMeter } from './progress.ts';
import { isSame, type ObjectIdentity, objectChanged, rangeProblem } from './resumed-reading.ts';
import type { ObjectName } from './s3-name.ts';

/** A download of an object, whose bytes are on their way, into a file. */
interface Download {
  readonly connection: Connection;
  readonly name: ObjectName;
  readonly content: ObjectContent;
  /** The object that all the bytes have to be of. */
  readonly object: ObjectIdentity;
  readonly options: OpenOptions;
  /** What all the bytes must add up to. */
  readonly expected: ExpectedChecksum | undefined;
  readonly meter?: ProgressMeter | undefined;
}

/** A download in ranges, which are fetched side by side. */
interface RangedDownload extends Download {
  /** The ranges of the whole. */
  readonly ranges: readonly PartRange[];
  /** The checksums of ranges that are there already, by their numbers. The content begins with the first of the others. */
  readonly before: ReadonlyMap<number, string>;
  /** Of the ranges' checksums. */
  readonly algorithm: ChecksumAlgorithm | undefined;
  /** Is told of each range that is written. */
  readonly remember?: ((range: PartRange, checksum: string) => Promise<void>) | undefined;
  /** Ranges under way at a time; the first goes on with the answer that is there. */
  readonly concurrency: number;
}

/** Writes the object's bytes into the file as they come, and checks that they are what S3 stores. */
export async function downloadInOrder(
  file: AtomicFile,
  { content, expected, meter }: Download,
): Promise<void> {
  const checksum = expected === undefined ? undefined : createChecksum(expected.algorithm);
  let position = 0;
  for await (const chunk of content.bytes) {
    checksum?.update(chunk);
    const writing = file.write(chunk, position);
    if (writing !== undefined) await writing;
    position += chunk.byteLength;
    meter?.move(chunk.byteLength);
  }
  if (expected !== undefined && checksum?.base64() !== expected.value) throw wrongChecksum(expected);
}

/**
 * Fetches ranges of the object side by side: the answer that is there is read from the front, and further requests take ranges
 * from the back, until they meet. All of them are pinned to the same object by its ETag.
 */
export async function downloadSideBySide(file: AtomicFile, download: RangedDownload): Promise<void> {
  const { connection, name, content, object, options, ranges, algorithm, concurrency, meter } = download;
  const checksums = new Map(download.before);
  const missing = ranges.filter(({ partNumber }) => !checksums.has(partNumber));
  // The ranges that nobody has taken yet are those from `front` up to and without `back`.
  let front = 0;
  let back = missing.length;
  // Who waits for its turn then waits in vain, and must not: what the others hold, they hold until all have ended.
  const allTaken = new AbortController();
  const taken = (): void => {
    if (front >= back) allTaken.abort();
  };
  const arrived = async (range: PartRange, checksum: string): Promise<void> => {
    checksums.set(range.partNumber, checksum);
    await download.remember?.(range, checksum);
    meter?.partDone();
  };
  const writerOf = (range: PartRange): RangeWriter =>
    new RangeWriter(file, range, algorithm, (checksum) => arrived(range, checksum));
  const inThreads =
    (connection.runtime.threads ?? 0) > 0 && ranges.length * (ranges[0]?.length ?? 0) >= worthThreads;

  const fromFront = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener('abort', () => content.destroy(), { once: true });
    let position = missing[0]?.offset ?? 0;
    let writer: RangeWriter | undefined;
    for await (let chunk of content.bytes) {
      while (chunk.byteLength > 0) {
        if (writer === undefined) {
          const range = front < back && missing[front]?.offset === position ? missing[front++] : undefined;
          if (range === undefined) {
            content.destroy();
            return fromBack(signal);
          }
          taken();
          writer = writerOf(range);
        }
        const before = chunk.byteLength;
        chunk = await writer.write(chunk);
        position += before - chunk.byteLength;
        meter?.move(before - chunk.byteLength);
        if (writer.isFull) writer = undefined;
      }
    }
    // It ends before the object does where an earlier run has fetched something in between.
    await fromBack(signal);
  };

  const fromBack = async (signal: AbortSignal): Promise<void> => {
    const waiting = AbortSignal.any([signal, allTaken.signal]);
    while (front < back && !signal.aborted) {
      const giveBack = await connection.transfers.take(heldByDownload, waiting).catch(() => undefined);
      // While this one waited for its turn, the others have taken all; or it was told to stop.
      if (giveBack === undefined) return;
      try {
        const range = front < back ? missing[--back] : undefined;
        taken();
        if (range !== undefined) await (inThreads ? fetchInThread : fetchRange)(range, signal);
      } finally {
        giveBack();
      }
    }
  };

  /** What every request for a range says. */
  const asking = ({
    offset,
    length,
  }: PartRange): { headers: RequestHeaders; range: Required<ByteRange> } => ({
    headers: { ...options.headers, 'if-match': object.eTag },
    range: { start: offset, end: offset + length - 1 },
  });
  const checkAnswer = (answer: S3Answer): void => {
    const { error, response, attempts } = answer;
    for (let again = 1; again < attempts; again++) meter?.retried();
    if (response.status === 412 || (error === undefined && !isSame(object, response)))
      throw objectChanged(name);
    if (error !== undefined) throw new RangeRefused(answer);
    if (response.status !== 206)
      throw new Error(`a range of the object was asked for, and answered with HTTP ${response.status}`);
  };

  const fetchRange = async (range: PartRange, signal: AbortSignal): Promise<void> => {
    const part = await openObject(connection, name, { ...options, ...asking(range), borrows: true, signal });
    try {
      checkAnswer(part.answer);
      const writer = writerOf(range);
      for await (const chunk of part.content?.bytes ?? []) {
        meter?.move(chunk.byteLength);
        await writer.write(chunk);
      }
    } finally {
      part.content?.destroy();
    }
  };

  /** The same, where another thread takes in the bytes and writes them: a range that breaks off is fetched once more, as a whole. */
  const fetchInThread = async (range: PartRange, signal: AbortSignal): Promise<void> => {
    const { headers, range: asked } = asking(range);
    let isWritten = false;
    const answer = await connection.send({
      ...name,
      method: 'GET',
      query: options.params,
      headers: { ...headers, range: `bytes=${asked.start}-${asked.end}` },
      content: true,
      into: {
        descriptor: file.descriptor,
        offset: range.offset,
        length: range.length,
        algorithm,
        onBytes: meter && ((bytes) => meter.move(bytes)),
      },
      receive: async (response) => {
        const isRight = rangeProblem(response, asked) === undefined && isSame(object, response);
        isWritten = isRight && response.written?.bytes === range.length;
        if (isWritten) await arrived(range, response.written?.checksum ?? '');
        else {
          meter?.move(-(response.written?.bytes ?? 0));
          response.destroy();
        }
      },
      signal,
    });
    // A thread that could not be had or has died leaves the range to this one, which also says what is wrong with what came.
    if (answer.error === undefined && !isWritten) return fetchRange(range, signal);
    checkAnswer(answer);
  };

  const tasks = [
    fromFront,
    ...Array.from({ length: Math.min(concurrency, missing.length) - 1 }, () => fromBack),
  ];
  try {
    await concurrently(tasks, tasks.length, (task, signal) => task(signal), options.signal);
  } finally {
    content.destroy();
  }
  if (checksums.size !== ranges.length)
    throw new Error(`only ${checksums.size} of ${ranges.length} ranges came`);
  await checkWhole(file, download, checksums);
}

/** S3's refusal of a range. */
export class RangeRefused extends Error {
  readonly answer: S3Answer;

  constructor(answer: S3Answer) {
    super('a range of the object was refused');
    this.answer = answer;
  }
}

/** Bytes that a download gathers before it writes them, and what is on its way to there. */
export const heldByDownload: number = 2 * 1024 * 1024;

// Bytes of an object for which threads are worth it: to start one takes some 40 ms.
const worthThreads = 128 * 1024 * 1024;

async function checkWhole(
  file: AtomicFile,
  { expected, ranges, algorithm }: RangedDownload,
  checksums: ReadonlyMap<number, string>,
): Promise<void> {
  if (expected === undefined) return;
  const value =
    algorithm === expected.algorithm && isCrcAlgorithm(algorithm)
      ? multipartChecksum(
          algorithm,
          'FULL_OBJECT',
          ranges.map(({ partNumber, length }) => ({ value: checksums.get(partNumber) ?? '', size: length })),
        )
      : await checksumOfFile(file, expected.algorithm);
  if (value !== expected.value) throw wrongChecksum(expected);
}

/** The checksum of a file's bytes, or of some of them. */
export async function checksumOfFile(
  file: AtomicFile,
  algorithm: ChecksumAlgorithm,
  offset?: number,
  length?: number,
): Promise<string> {
  const checksum = createChecksum(algorithm);
  for await (const chunk of file.read(offset, length)) checksum.update(chunk);
  return checksum.base64();
}

/** Writes the bytes of one range, in order, to their place in the file. */
class RangeWriter {
  readonly #file: AtomicFile;
  readonly #end: number;
  readonly #checksum: ReturnType<typeof createChecksum> | undefined;
  readonly #done: (checksum: string) => Promise<void>;
  #position: number;

  constructor(
    file: AtomicFile,
    { offset, length }: PartRange,
    algorithm: ChecksumAlgorithm | undefined,
    done: (checksum: string) => Promise<void>,
  ) {
    this.#file = file;
    this.#position = offset;
    this.#end = offset + length;
    this.#checksum = algorithm === undefined ? undefined : createChecksum(algorithm);
    this.#done = done;
  }

  get isFull(): boolean {
    return this.#position === this.#end;
  }

  /** Takes what belongs to the range; gives back what lies behind it. */
  async write(chunk: Uint8Array): Promise<Uint8Array> {
    const own = chunk.subarray(0, this.#end - this.#position);
    this.#checksum?.update(own);
    await this.#file.write(own, this.#position);
    this.#position += own.byteLength;
    if (this.isFull) await this.#done(this.#checksum?.base64() ?? '');
    return chunk.subarray(own.byteLength);
  }
}
