// What is sent and fetched: one block of bytes, over and over, so that any place of a large object is known without it.
import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Bytes that no compression shortens, the same each time. */
export const block = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(4 * 1024 * 1024),
);

/** Bytes of an object of the stub. */
export function objectSize(key, largeSize) {
  return key === 'small' ? 1024 : largeSize;
}

/** Writes the large object into a file. */
export function writeObject(path, size) {
  const file = openSync(path, 'w');
  for (let offset = 0; offset < size; offset += block.length)
    writeSync(file, block, 0, Math.min(block.length, size - offset));
  closeSync(file);
}

/** The SHA-256 of a file, in hex. */
export function digestOf(path) {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(1024 * 1024);
  const file = openSync(path, 'r');
  for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer))
    hash.update(buffer.subarray(0, length));
  closeSync(file);
  return hash.digest('hex');
}
