import { outOfRange } from './errors.ts';
import type { S3Limits } from './limits.ts';

/** One part of an object: which bytes go up, or are copied, under which number. */
export interface PartRange {
  /** From 1. */
  readonly partNumber: number;
  /** The first byte's position in the whole. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/**
 * The size of the parts that an object is cut into, in bytes: the smallest that S3 allows and that needs no more than
 * 10,000 parts, rounded up to whole MiB.
 *
 * @throws {RangeError} the object is larger than S3 can hold
 */
export function partSizeFor(size: number, limits: S3Limits): number {
  if (size > limits.maximumFileSize) {
    throw outOfRange(
      `${size} bytes are more than the largest object that S3 holds, ${limits.maximumFileSize} bytes`,
    );
  }
  const smallest = Math.ceil(size / limits.maximumPartNumber);
  const { minimumPartSize, maximumPartSize } = limits;
  // Whole MiB, where the smallest part has 5.
  const step = minimumPartSize / 5;
  return Math.min(Math.max(Math.ceil(smallest / step) * step, minimumPartSize), maximumPartSize);
}

/**
 * Refuses a part size that a caller has chosen and S3 would not take.
 *
 * @throws {RangeError} outside S3's limits, or so small that the object would need more than 10,000 parts
 */
export function checkPartSize(partSize: number, size: number | undefined, limits: S3Limits): void {
  const { minimumPartSize, maximumPartSize, maximumPartNumber } = limits;
  if (!Number.isSafeInteger(partSize) || partSize < minimumPartSize || partSize > maximumPartSize) {
    throw outOfRange(
      `partSize is a whole number of bytes from ${minimumPartSize} to ${maximumPartSize}, not ${partSize}`,
    );
  }
  if (size !== undefined && size > partSize * maximumPartNumber) {
    throw outOfRange(
      `${size} bytes in parts of ${partSize} are more than ${maximumPartNumber} parts; choose a larger partSize`,
    );
  }
}

/**
 * Refuses a number of parts at a time that is none.
 *
 * @throws {RangeError}
 */
export function checkConcurrency(concurrency: number | undefined): void {
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw outOfRange(`concurrency is a whole number, 1 or more, not ${concurrency}`);
  }
}

/** Cuts an object into parts that cover every byte once, lazily. */
export function* planParts(size: number, partSize: number): Generator<PartRange> {
  for (let offset = 0, partNumber = 1; offset < size; offset += partSize, partNumber++) {
    yield { partNumber, offset, length: Math.min(partSize, size - offset) };
  }
}

// So many parts of a stream have the same size; the next ones have twice that.
const partsOfOneSize = 250;

/**
 * The size of a part of a stream whose length nobody knows: it doubles every 250 parts, so that a short stream is sent in
 * small pieces and a long one does not run out of part numbers.
 *
 * With 8 MiB at first, and never more than 5 GiB:
 *
 * | up to part | part size | stream so far |
 * |---|---|---|
 * | 250 | 8 MiB | 2 GiB |
 * | 500 | 16 MiB | 5.9 GiB |
 * | 1,000 | 64 MiB | 29 GiB |
 * | 1,500 | 256 MiB | 123 GiB |
 * | 2,000 | 1 GiB | 498 GiB |
 * | 2,500 | 4 GiB | 2 TiB |
 * | 10,000 | 5 GiB | 38.6 TiB |
 *
 * Who sends more than that, up to 48.8 TiB, has to say so before.
 */
export function streamPartSize(partNumber: number, first: number, limits: S3Limits): number {
  return Math.min(first * 2 ** Math.floor((partNumber - 1) / partsOfOneSize), limits.maximumPartSize);
}
