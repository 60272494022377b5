import type { ReadableFile } from '../http.ts';
import type { SizedSource } from '../sources.ts';
import { type LocalFile, openLocalFile } from './local-file.ts';

const MiB = 1024 * 1024;

// What is read, and digested, at once. All of a larger piece would keep others waiting.
const atOnce = 64 * MiB;

/** A local file as what is to be written. */
export async function fileSource(path: string): Promise<SizedSource> {
  const file = await openLocalFile(path);
  // Buffers that come back are used again: garbage of this size would pile up faster than it is collected.
  const free: Uint8Array[] = [];
  return {
    size: file.size,
    file,
    async piece(offset, length, largest) {
      if (length > largest) return { kind: 'file', file, offset, length };
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(length);
      const bytes = buffer.byteLength >= length ? buffer.subarray(0, length) : Buffer.allocUnsafeSlow(length);
      const release = (): void => void free.push(buffer);
      if (length > atOnce)
        return { kind: 'file', file: heldPiece(file, offset, bytes), offset, length, release };
      await file.readInto(bytes, offset);
      return { kind: 'bytes', bytes, release };
    },
    checkUnchanged: () => file.checkUnchanged(),
    close: () => file.close(),
  };
}

/** A piece of a file that is read from there once, for its digests, and comes from memory when it is sent. */
function heldPiece(file: LocalFile, offset: number, bytes: Uint8Array): ReadableFile {
  let filled = 0;
  return {
    path: file.path,
    async *read() {
      for (let start = 0; start < bytes.byteLength; start += MiB) {
        const chunk = bytes.subarray(start, start + MiB);
        if (start >= filled) {
          await file.readInto(chunk, offset + start);
          filled = start + chunk.byteLength;
        }
        yield chunk;
      }
    },
  };
}
