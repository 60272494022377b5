/** One of several runs that share the work by name. */
export interface Shard {
  /** Which one, from 0. */
  readonly index: number;
  /** How many there are. */
  readonly count: number;
}

/** @throws {RangeError} not whole numbers, or an index that is not below the count */
export function checkShard({ index, count }: Shard): void {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`shard.count is a whole number, 1 or more, not ${count}`);
  if (!Number.isSafeInteger(index) || index < 0 || index >= count)
    throw new RangeError(`shard.index is a whole number from 0 to ${count - 1}, not ${index}`);
}

/** Whether a name is a shard's to care for. Every name is exactly one shard's. */
export function isOfShard(name: string, { index, count }: Shard): boolean {
  return hashOf(name) % count === index;
}

/**
 * A hash of 32 bits: FNV-1a over the UTF-8 bytes, then the final mix of MurmurHash3, without which the low bits of similar names
 * are similar.
 *
 * It must never change: runs of different versions may share a sync.
 *
 * @see {@link http://www.isthe.com/chongo/tech/comp/fnv/} and {@link https://github.com/aappleby/smhasher}
 */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
