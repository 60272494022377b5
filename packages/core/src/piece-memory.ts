const MiB = 1024 * 1024;

// The parts that are usually under way fill the memory that transfers usually have.
const alwaysHeld = 64 * MiB;
// The system reads less than 2 GiB at a time.
const neverHeld = 1024 * MiB;
// What is under way of a file that is sent as it is read.
const bufferOfStream = MiB;

/**
 * How many bytes the largest piece of a file has that is read once, and held in memory until S3 has it: what so many at a time have
 * room for. The checksum of a larger one goes behind it, where the service takes that; else it is read once more.
 *
 * @param memory - bytes that all transfers of a connection may hold
 * @param concurrency - pieces under way at a time
 */
export function largestHeld(memory: number, concurrency: number): number {
  return Math.min(Math.max(alwaysHeld, memory / concurrency), neverHeld);
}

/** Bytes that a piece of a file holds in memory. */
export function heldInMemory(length: number, largest: number): number {
  return length > largest ? bufferOfStream : length;
}
