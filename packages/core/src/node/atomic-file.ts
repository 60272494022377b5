import { randomInt } from 'node:crypto';
import fs, { constants } from 'node:fs';
import { copyFile, link, lstat, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCode } from '../errors.ts';
import { promptly } from '../promptly.ts';
import type { Descriptor } from './descriptor.ts';
import { explained, openedTo } from './local-file.ts';

// A name has 255 bytes; a character has up to three for each of its units.
export const longestStem = 75;

/** A file that is written beside its destination, and takes its place only when it is whole. */
export interface AtomicFile {
  /** The number by which the system knows it, while it is open. */
  readonly descriptor: number;
  /** Makes the file so many bytes long; what is not written yet is zeros. */
  resize(length: number): Promise<void>;
  /** Writes bytes to a place. */
  write(bytes: Uint8Array, position: number): undefined | Promise<void>;
  /** What was written, from `offset` on, `length` bytes of it; less where there is less. */
  read(offset?: number, length?: number): AsyncIterable<Uint8Array>;
  /** Puts the file in its place, with the time and the permissions that it is to have. */
  commit(attributes?: FileAttributes): Promise<void>;
  /** Removes what was written; the destination is as it was. */
  discard(): Promise<void>;
  /** Leaves what was written for another run. */
  keep(): Promise<void>;
}

/** What a file is to have beside its content. */
export interface FileAttributes {
  /** When it was changed last, in milliseconds since 1970. @default now */
  readonly modified?: number | undefined;
  /** Its permissions, such as `0o644`. @default those of the file that it replaces, or the system's own */
  readonly permissions?: number | undefined;
}

/** How the temporary file of a destination is made. */
interface AtomicFileOptions {
  /** Its name's end, by which another run finds it again; then it may be there already, and is gone on with. */
  readonly resumable?: string | undefined;
  /**
   * Bytes of the whole, where an earlier run had them all: if it was ended when the file had just taken its place, what is in that
   * place is gone on with.
   */
  readonly completeSize?: number | undefined;
  /** True where the caller knows that there is nothing at the destination. @default false: it is looked at */
  readonly isNew?: boolean | undefined;
  /** True where what is at the destination, or comes to be there, is not to be replaced. @default false */
  readonly exclusive?: boolean | undefined;
}

/**
 * Makes the temporary file for a destination.
 *
 * @throws {Error} with a message for people: the destination is a directory or no regular file, or its directory is
 *   missing or cannot be written; with the code `EEXIST`, where it is exclusive and anything is there
 */
export async function createAtomicFile(
  path: string,
  { resumable, completeSize, isNew = false, exclusive = false }: AtomicFileOptions = {},
): Promise<AtomicFile> {
  const destination: Destination = isNew ? { path } : await resolveDestination(path, exclusive);
  const name = basename(destination.path);
  const folder = destination.path.slice(0, destination.path.lastIndexOf(name));
  const temporary = `${folder}.${name.slice(0, longestStem)}.${resumable ?? freshName()}.s3kit`;
  if (completeSize !== undefined && destination.size === completeSize)
    await copyUnlessThere(destination.path, temporary);
  // Whatever else has that name, such as a link that leads elsewhere, is not written to.
  const flags =
    constants.O_RDWR |
    constants.O_CREAT |
    (resumable === undefined ? constants.O_EXCL : constants.O_NOFOLLOW);
  const opening = openedTo('write', path, [temporary, flags, destination.mode]);
  const handle = opening instanceof Promise ? await opening : opening;
  // The mode given to open() is cut by the umask; a file that is replaced keeps its own.
  if (destination.mode !== undefined) await handle.chmod(destination.mode);
  const takePlace = exclusive ? moveToFreePlace : moveOver;
  return new TemporaryFile(handle, temporary, destination.path, takePlace);
}

let lastName: number | undefined;

/** Twelve hexadecimal digits: those of a number at random, and then of the ones behind it. To ask for each at random takes longer. */
function freshName(): string {
  lastName = (lastName === undefined ? randomInt(2 ** 48 - 1) : lastName + 1) % 2 ** 48;
  return lastName.toString(16).padStart(12, '0');
}

/** A copy, as the file itself must not be written to; where the system can, one that takes no room. */
async function copyUnlessThere(from: string, to: string): Promise<void> {
  // Where it cannot be made, all is fetched again.
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE).catch(() => undefined);
}

/** Where a file is to go, and what is there already. */
interface Destination {
  readonly path: string;
  readonly mode?: number;
  readonly size?: number;
}

/** Follows a symbolic link, as opening the file would; keeps the mode of a file that is there. */
async function resolveDestination(path: string, exclusive: boolean): Promise<Destination> {
  try {
    const own = await promptly(
      () => fs.lstatSync(path, { throwIfNoEntry: false }),
      () => lstat(path),
    );
    if (own === undefined) return { path };
    if (exclusive) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    const target = own.isSymbolicLink() ? await realpath(path) : path;
    const stats = own.isSymbolicLink() ? await stat(target) : own;
    if (stats.isDirectory()) throw new Error(`cannot write ${path}: it is a directory`);
    if (!stats.isFile()) throw new Error(`cannot write ${path}: it is not a regular file`);
    return { path: target, mode: stats.mode & 0o777, size: stats.size };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { path };
    if (errorCode(error) === undefined) throw error;
    throw explained(path, 'write', error);
  }
}

/** Moves a file to its place, and replaces what is there. */
async function moveOver(from: string, to: string): Promise<void> {
  await promptly(
    () => fs.renameSync(from, to),
    () => rename(from, to),
  );
}

/** Moves a file to its place, where nothing may be. Node has no rename that does. */
async function moveToFreePlace(from: string, to: string): Promise<void> {
  try {
    await promptly(
      () => fs.linkSync(from, to),
      () => link(from, to),
    );
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw error;
    // Some file systems have no hard links. What else is wrong is found by this, too.
    await (await open(to, 'wx')).close();
    return moveOver(from, to).catch(async (error: unknown) => {
      await unlink(to);
      throw error;
    });
  }
  await promptly(
    () => fs.unlinkSync(from),
    () => unlink(from),
  );
}

class TemporaryFile implements AtomicFile {
  readonly #handle: Descriptor;
  readonly #temporary: string;
  readonly #destination: string;
  readonly #takePlace: typeof moveOver;
  #writing: Promise<void> | undefined;

  constructor(handle: Descriptor, temporary: string, destination: string, takePlace: typeof moveOver) {
    this.#handle = handle;
    this.#temporary = temporary;
    this.#destination = destination;
    this.#takePlace = takePlace;
  }

  get descriptor(): number {
    return this.#handle.number;
  }

  async resize(length: number): Promise<void> {
    await this.#handle.truncate(length);
  }

  /** One write after another: those to one file wait for each other in the kernel, and spin there. */
  write(bytes: Uint8Array, position: number): undefined | Promise<void> {
    if (this.#writing !== undefined) {
      const later = (): undefined | Promise<void> => this.write(bytes, position);
      return this.#writing.then(later, later);
    }
    const first = this.#handle.write(bytes, position);
    if (first === bytes.byteLength) return undefined;
    this.#writing = this.#writeRest(first, bytes, position).finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeRest(first: number | Promise<number>, bytes: Uint8Array, position: number): Promise<void> {
    for (let done = await first; done < bytes.byteLength; )
      done += await this.#handle.write(bytes.subarray(done), position + done);
  }

  async *read(offset = 0, length = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    for (let position = offset; position < offset + length; ) {
      const wanted = Math.min(buffer.length, offset + length - position);
      const bytesRead = await this.#handle.read(buffer.subarray(0, wanted), position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async commit({ modified, permissions }: FileAttributes = {}): Promise<void> {
    try {
      if (permissions !== undefined) await this.#handle.chmod(permissions);
      if (modified !== undefined) await this.#handle.setModified(modified);
      await this.#handle.close();
      await this.#takePlace(this.#temporary, this.#destination);
    } catch (error) {
      throw explained(this.#destination, 'write', error);
    }
  }

  async keep(): Promise<void> {
    await this.#handle.close();
  }

  async discard(): Promise<void> {
    await this.keep().catch(() => undefined);
    await unlink(this.#temporary).catch(() => undefined);
  }
}
