import type { SizedSource } from '../sources.ts';
import { openLocalFile } from './local-file.ts';

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
      await file.readInto(bytes, offset);
      return { kind: 'bytes', bytes, release: () => void free.push(buffer) };
    },
    checkUnchanged: () => file.checkUnchanged(),
    close: () => file.close(),
  };
}
