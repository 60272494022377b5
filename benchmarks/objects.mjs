// What is sent and fetched: one block of bytes, over and over, so that any place of a large object is known without it.
import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Bytes that no compression shortens, the same each time. */
export const block = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(4 * 1024 * 1024),
);

/** Bytes of an object of the stub. */
export function objectSize(key, largeSize) {
  return key === 'small' ? 1024 : largeSize;
}

/** The bytes of an object from a place in it, in pieces of a block at most. */
export function* piecesOf(length, offset = 0) {
  for (let position = offset; position < offset + length; ) {
    const from = position % block.length;
    const piece = block.subarray(from, Math.min(block.length, from + offset + length - position));
    yield piece;
    position += piece.length;
  }
}

/** The MD5 of some bytes of an object, in hex. */
export function md5Of(length, offset) {
  const hash = createHash('md5');
  for (const piece of piecesOf(length, offset)) hash.update(piece);
  return hash.digest('hex');
}

/** The CRC32 of an object, as S3 writes it. */
export function crc32Of(length) {
  let crc = 0;
  for (const piece of piecesOf(length)) crc = crc32(piece, crc);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc);
  return checksum.toString('base64');
}

/** Whether some bytes are those of an object from a place in it. */
export function isContent(bytes, offset) {
  let position = 0;
  for (const piece of piecesOf(bytes.length, offset)) {
    if (!piece.equals(bytes.subarray(position, position + piece.length))) return false;
    position += piece.length;
  }
  return true;
}

/** Writes an object into a file. */
export function writeObject(path, size) {
  const file = openSync(path, 'w');
  for (const piece of piecesOf(size)) writeSync(file, piece);
  closeSync(file);
}

/** The SHA-256 of a file, in hex. */
export function digestOf(path) {
  const hash = createHash('sha256');
  for (const bytes of bytesOf(path)) hash.update(bytes);
  return hash.digest('hex');
}

/** Whether a file is an object of that many bytes. */
export function isObject(path, size) {
  let length = 0;
  for (const bytes of bytesOf(path)) {
    if (!isContent(bytes, length)) return false;
    length += bytes.length;
  }
  return length === size;
}

/** The bytes of a file, piece by piece: each is good until the next. */
function* bytesOf(path) {
  const buffer = Buffer.alloc(1024 * 1024);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer))
      yield buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
