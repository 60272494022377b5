import { constants, type Stats } from 'node:fs';
import { errorCode } from '../errors.ts';
import type { ReadableFile } from '../http.ts';
import { Descriptor } from './descriptor.ts';

const chunkSize = 256 * 1024;

// A named pipe would hold the open until somebody writes into it. (Windows has no such flags.)
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** A local file that was opened to be sent. */
export interface LocalFile extends ReadableFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  /** When it was changed last, as it was when it was opened: milliseconds since 1970. */
  readonly modified: number;
  /** Fills a buffer with the bytes from `offset` on; rejects when the file ends before. */
  readInto(buffer: Uint8Array, offset: number): Promise<void>;
  /** Rejects when the file has been changed since it was opened. */
  checkUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a regular file to be sent, by position and as often as needed.
 *
 * @throws {Error} with a message for people, and the system's error as its cause: missing, unreadable, or not a regular file
 */
export async function openLocalFile(path: string): Promise<LocalFile> {
  const descriptor = await openedTo('read', path, [path, readOnly]);
  const { size, mtimeMs } = await regularStats(descriptor, path);
  const opened: OpenedFile = { descriptor, path, size };
  return {
    path,
    size,
    modified: mtimeMs,
    read: (offset, length) => readRange(opened, offset, length),
    readInto: (buffer, offset) => readInto(opened, buffer, offset),
    async checkUnchanged() {
      const now = await descriptor.stat();
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw sourceChanged(path);
    },
    async close() {
      await descriptor.close();
    },
  };
}

/** Opens a file, and says of one that cannot be opened what was to be done to which path. */
export function openedTo(
  verb: string,
  path: string,
  args: Parameters<typeof Descriptor.open>,
): Descriptor | Promise<Descriptor> {
  const refuse = (error: unknown): never => {
    throw explained(path, verb, error);
  };
  try {
    const opening = Descriptor.open(...args);
    return opening instanceof Promise ? opening.catch(refuse) : opening;
  } catch (error) {
    return refuse(error);
  }
}

/** A file, and its bytes when it was opened. */
interface OpenedFile {
  readonly descriptor: Descriptor;
  readonly path: string;
  readonly size: number;
}

/** What was sent is a mixture, and of no use. */
function sourceChanged(path: string, how = ''): Error {
  return Object.assign(new Error(`${path} was changed while it was being sent${how}`), {
    code: 'ERR_S3KIT_SOURCE_CHANGED',
  });
}

/** The change that shows where bytes are to be read, and there are none. */
async function endsEarly({ descriptor, path, size }: OpenedFile): Promise<Error> {
  const now = await descriptor.stat();
  return sourceChanged(path, `: it had ${size} bytes, and has ${now.size}`);
}

async function regularStats(descriptor: Descriptor, path: string): Promise<Stats> {
  try {
    const stats = await descriptor.stat();
    if (stats.isDirectory()) throw new Error(`${path} is a directory, not a file`);
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
    return stats;
  } catch (error) {
    await descriptor.close();
    throw error;
  }
}

async function readInto(file: OpenedFile, buffer: Uint8Array, offset: number): Promise<void> {
  const length = buffer.byteLength;
  for (let filled = 0; filled < length; ) {
    const bytesRead = await file.descriptor.read(buffer.subarray(filled), offset + filled);
    if (bytesRead === 0) throw await endsEarly(file);
    filled += bytesRead;
  }
}

async function* readRange(file: OpenedFile, offset: number, length: number): AsyncGenerator<Uint8Array> {
  const end = offset + length;
  for (let position = offset; position < end; ) {
    // A new buffer for each piece: the socket may still hold the one before.
    const buffer = Buffer.allocUnsafe(Math.min(chunkSize, end - position));
    const bytesRead = await file.descriptor.read(buffer, position);
    if (bytesRead === 0) throw await endsEarly(file);
    position += bytesRead;
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENXIO: 'it is not a regular file',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'part of its path is not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'there is something of that name already',
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EMFILE: 'too many files are open',
};

/** A system error in words: what could not be done, to which path, and why. */
export function explained(path: string, verb: string, error: unknown): Error {
  const code = errorCode(error);
  const reason =
    (code === undefined ? undefined : reasons[code]) ??
    (error instanceof Error ? error.message : String(error));
  return Object.assign(
    new Error(`cannot ${verb} ${path}: ${reason}`, { cause: error }),
    code === undefined ? {} : { code },
  );
}
