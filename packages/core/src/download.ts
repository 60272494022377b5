import { createChecksum, isCrcAlgorithm, multipartChecksum } from '@s3kit/checksums';
import { concurrently } from './concurrently.ts';
import type { S3Connection } from './connection.ts';
import { type ExpectedChecksum, expectedChecksum, wrongChecksum } from './digests.ts';
import type { ObjectName } from './names.ts';
import type { AtomicFile, PositionedWriter } from './node/atomic-file.ts';
import { type ObjectContent, type OpenOptions, openObject } from './open-object.ts';
import { type PartRange, partSizeFor, planParts } from './part-plan.ts';

/** A download of an object, whose bytes are on their way, into a file. */
export interface Download {
  readonly connection: S3Connection;
  readonly name: ObjectName;
  readonly content: ObjectContent;
  readonly options: OpenOptions;
  /** Ranges under way at a time; the first goes on with the answer that is there. */
  readonly concurrency: number;
}

// Ranges that are fetched side by side, in bytes: large enough that a request for each is no burden.
const smallestRange = 8 * 1024 * 1024;

/** Writes the object's bytes into the file, and checks that they are what S3 stores. */
export async function downloadInto(file: AtomicFile, download: Download): Promise<void> {
  const { connection, content, concurrency } = download;
  const expected = connection.checksum === 'off' ? undefined : expectedChecksum(content.headers);
  const { size } = content;
  const canSplit = content.headers['accept-ranges'] === 'bytes' && content.headers['etag'] !== undefined;
  if (size === undefined || size < connection.limits.multipartThreshold || !canSplit || concurrency < 2) {
    await downloadInOrder(file, content, expected);
  } else {
    await downloadSideBySide(file, { ...download, size }, expected);
  }
}

async function downloadInOrder(
  file: AtomicFile,
  content: ObjectContent,
  expected: ExpectedChecksum | undefined,
): Promise<void> {
  const checksum = expected === undefined ? undefined : createChecksum(expected.algorithm);
  const writer = file.writerAt(0);
  for await (const chunk of content.bytes) {
    checksum?.update(chunk);
    await writer.write(chunk);
  }
  await writer.flush();
  if (expected !== undefined && checksum?.base64() !== expected.value) throw wrongChecksum(expected);
}

/**
 * Fetches ranges of the object side by side: the answer that is there is read from the front, and further requests take ranges
 * from the back, until they meet. All of them are pinned to the same object by its ETag.
 */
async function downloadSideBySide(
  file: AtomicFile,
  { connection, name, content, options, concurrency, size }: Download & { readonly size: number },
  expected: ExpectedChecksum | undefined,
): Promise<void> {
  const partSize = Math.max(
    partSizeFor(size, connection.limits),
    Math.min(smallestRange, connection.limits.multipartThreshold),
  );
  const ranges = [...planParts(size, partSize)];
  const checksums: string[] = [];
  // The ranges that nobody has taken yet are those from `front` up to and without `back`.
  let front = 0;
  let back = ranges.length;
  const combined = expected !== undefined && isCrcAlgorithm(expected.algorithm) ? expected : undefined;
  const taker = (range: PartRange): RangeWriter =>
    new RangeWriter(file, range, combined, (value) => {
      checksums[range.partNumber - 1] = value;
    });

  const fromFront = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener('abort', () => content.destroy(), { once: true });
    let writer: RangeWriter | undefined;
    for await (let chunk of content.bytes) {
      while (chunk.byteLength > 0) {
        if (writer === undefined) {
          const range = front < back ? ranges[front++] : undefined;
          if (range === undefined) {
            content.destroy();
            return;
          }
          writer = taker(range);
        }
        chunk = await writer.write(chunk);
        if (writer.isFull) writer = undefined;
      }
    }
  };

  const fromBack = async (signal: AbortSignal): Promise<void> => {
    while (front < back && !signal.aborted) {
      const range = ranges[--back];
      if (range === undefined) return;
      await fetchRange(taker(range), range, signal);
    }
  };

  const fetchRange = async (
    writer: RangeWriter,
    { offset, length }: PartRange,
    signal: AbortSignal,
  ): Promise<void> => {
    const headers = { ...options.headers, 'if-match': content.headers['etag'] };
    const part = await openObject(connection, name, {
      ...options,
      headers,
      range: { start: offset, end: offset + length - 1 },
      signal,
    });
    const { error, response } = part.answer;
    if (response.status === 412) throw new Error('the object was changed while it was being read');
    if (error !== undefined || part.content === undefined)
      throw new Error(`a range of the object was refused: ${error?.code} (HTTP ${response.status})`);
    for await (const chunk of part.content.bytes) await writer.write(chunk);
  };

  await file.resize(size);
  const tasks = [
    fromFront,
    ...Array.from({ length: Math.min(concurrency, ranges.length) - 1 }, () => fromBack),
  ];
  try {
    await concurrently(tasks, tasks.length, (task, signal) => task(signal), options.signal);
  } finally {
    content.destroy();
  }
  if (expected === undefined) return;
  const value =
    combined === undefined
      ? await checksumOfFile(file, expected)
      : multipartChecksum(
          combined.algorithm,
          'FULL_OBJECT',
          ranges.map(({ length }, index) => ({ value: checksums[index] ?? '', size: length })),
        );
  if (value !== expected.value) throw wrongChecksum(expected);
}

/** What cannot be had from its parts is computed from the file, when it is whole. */
async function checksumOfFile(file: AtomicFile, { algorithm }: ExpectedChecksum): Promise<string> {
  const checksum = createChecksum(algorithm);
  for await (const chunk of file.read()) checksum.update(chunk);
  return checksum.base64();
}

/** Writes the bytes of one range, in order, to their place in the file. */
class RangeWriter {
  readonly #writer: PositionedWriter;
  readonly #end: number;
  readonly #checksum: ReturnType<typeof createChecksum> | undefined;
  readonly #done: (checksum: string) => void;
  #position: number;

  constructor(
    file: AtomicFile,
    { offset, length }: PartRange,
    expected: ExpectedChecksum | undefined,
    done: (checksum: string) => void,
  ) {
    this.#writer = file.writerAt(offset);
    this.#position = offset;
    this.#end = offset + length;
    this.#checksum = expected === undefined ? undefined : createChecksum(expected.algorithm);
    this.#done = done;
  }

  get isFull(): boolean {
    return this.#position === this.#end;
  }

  /** Takes what belongs to the range; gives back what lies behind it. */
  async write(chunk: Uint8Array): Promise<Uint8Array> {
    const own = chunk.subarray(0, this.#end - this.#position);
    this.#checksum?.update(own);
    await this.#writer.write(own);
    this.#position += own.byteLength;
    if (this.isFull) {
      await this.#writer.flush();
      this.#done(this.#checksum?.base64() ?? '');
    }
    return chunk.subarray(own.byteLength);
  }
}
