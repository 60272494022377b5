import { algorithmOf, partsAlgorithm } from '../checksum-settings.ts';
import type { ReadableFile, RequestBody } from '../http.ts';
import { wantsJournal } from '../journal-place.ts';
import type { PartOptions } from '../requests/write.ts';
import { dropUploadJournal, openUploadJournal } from '../resume-upload.ts';
import type { SizedSource } from '../sources.ts';
import type { CheckedWrite } from '../write-whole.ts';
import { type LocalFile, openLocalFile } from './local-file.ts';
import { countedInMemory, pieceMemory } from './piece-memory.ts';
import { trailedPiece } from './trailing-checksum.ts';

const MiB = 1024 * 1024;

// What is read, and digested, at once. All of a larger piece would keep others waiting.
const atOnce = 64 * MiB;

/** A local file as what is to be written. */
export async function fileSource(
  path: string,
  { connection, name, headers, signal }: CheckedWrite,
  { concurrency = connection.partConcurrency, journal }: PartOptions,
): Promise<SizedSource> {
  const { tls, service, transfers, runtime, checksum } = connection;
  const algorithm = partsAlgorithm({ headers, checksum: algorithmOf(checksum) });
  // Whether a piece can be sent as it is read, with its checksum behind it.
  const canBeStreamed = tls && service.trailers === true && headers['x-amz-content-sha256'] === undefined;
  const memory = pieceMemory({
    memory: transfers.limits.bytes,
    isChosen: runtime.transferMemory !== undefined,
    concurrency,
    canBeStreamed,
  });
  const file = await openLocalFile(path);
  // Buffers that come back are used again: garbage of this size would pile up faster than it is collected.
  const free: Uint8Array[] = [];
  const bodyOf = async (offset: number, length: number): Promise<RequestBody> => {
    if (length > memory.largest) return { kind: 'file', file, offset, length };
    const buffer = free.pop() ?? Buffer.allocUnsafeSlow(length);
    const bytes = buffer.byteLength >= length ? buffer.subarray(0, length) : Buffer.allocUnsafeSlow(length);
    const release = (): void => void free.push(buffer);
    if (length > atOnce)
      return { kind: 'file', file: heldPiece(file, offset, bytes), offset, length, release };
    await file.readInto(bytes, offset);
    return { kind: 'bytes', bytes, release };
  };
  return {
    size: file.size,
    async piece(offset, length) {
      const body = await bodyOf(offset, length);
      return body.kind === 'file' && algorithm !== undefined && canBeStreamed
        ? trailedPiece(body, algorithm)
        : { body, content: true };
    },
    held: (length) => countedInMemory(length, memory),
    async journal(partSize) {
      if (!wantsJournal(journal)) return undefined;
      const upload = { connection, ...name, file, headers, journal };
      if (partSize !== undefined) return openUploadJournal({ ...upload, partSize, algorithm }, signal);
      await dropUploadJournal(upload, signal);
      return undefined;
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
