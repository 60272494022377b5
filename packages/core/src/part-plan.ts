import { outOfRange } from './errors.ts';
import type { S3Limits } from './facts.ts';

/** One part of an object: which bytes go up, or are copied, under which number. */
export interface PartRange {
  /** From 1. */
  readonly partNumber: number;
  /** The first byte's position in the whole. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

const MiB = 1024 * 1024;

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
  if (smallest <= limits.minimumPartSize) return limits.minimumPartSize;
  return Math.min(Math.ceil(smallest / MiB) * MiB, limits.maximumPartSize);
}

/** Cuts an object into parts that cover every byte once, lazily. */
export function* planParts(size: number, partSize: number): Generator<PartRange> {
  for (let offset = 0, partNumber = 1; offset < size; offset += partSize, partNumber++) {
    yield { partNumber, offset, length: Math.min(partSize, size - offset) };
  }
}
