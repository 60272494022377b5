import fs from 'node:fs';
import { promisify } from 'node:util';
import { promptly } from '../promptly.ts';

const pool = {
  open: promisify(fs.open),
  close: promisify(fs.close),
  fstat: promisify(fs.fstat),
  ftruncate: promisify(fs.ftruncate),
  fchmod: promisify(fs.fchmod),
  futimes: promisify(fs.futimes),
  read: promisify(fs.read),
  write: promisify(fs.write),
};

// Bytes that are read or written at once: about what a trip to the thread pool costs.
const small = 64 * 1024;

/** An open file. */
export class Descriptor {
  /** By which the system knows it. */
  readonly number: number;
  #isClosed = false;

  private constructor(number: number) {
    this.number = number;
  }

  static open(path: string, flags: number, mode?: number): Descriptor | Promise<Descriptor> {
    return promptly(
      () => new Descriptor(fs.openSync(path, flags, mode)),
      async () => new Descriptor(await pool.open(path, flags, mode)),
    );
  }

  stat(): fs.Stats | Promise<fs.Stats> {
    return promptly(
      () => fs.fstatSync(this.number),
      () => pool.fstat(this.number),
    );
  }

  /** Fills a buffer from a position on, as far as the file reaches; resolves to the bytes that were read. */
  read(buffer: Uint8Array, position: number): number | Promise<number> {
    const { byteLength } = buffer;
    const byThreadPool = async (): Promise<number> =>
      (await pool.read(this.number, buffer, 0, byteLength, position)).bytesRead;
    if (byteLength > small) return byThreadPool();
    return promptly(() => fs.readSync(this.number, buffer, 0, byteLength, position), byThreadPool);
  }

  /** Writes as much of the bytes as the system takes; resolves to how many. */
  write(bytes: Uint8Array, position: number): number | Promise<number> {
    const { byteLength } = bytes;
    const byThreadPool = async (): Promise<number> =>
      (await pool.write(this.number, bytes, 0, byteLength, position)).bytesWritten;
    if (byteLength > small) return byThreadPool();
    return promptly(() => fs.writeSync(this.number, bytes, 0, byteLength, position), byThreadPool);
  }

  truncate(length: number): Promise<void> {
    return pool.ftruncate(this.number, length);
  }

  chmod(mode: number): Promise<void> {
    return pool.fchmod(this.number, mode);
  }

  /** @param time - milliseconds since 1970; less than 0 for what was before */
  setModified(time: number): undefined | Promise<void> {
    const now = Date.now() / 1000;
    // Node cuts to microseconds, towards 1970, what is not quite the fraction that was meant: half of one more keeps the millisecond.
    // As a text, since Node takes a negative number for the present.
    const modified = String((time + (time < 0 ? -0.0005 : 0.0005)) / 1000);
    return promptly(
      () => void fs.futimesSync(this.number, now, modified),
      () => pool.futimes(this.number, now, modified),
    );
  }

  /** Closes it, once: its number may be another file's by the second time. */
  close(): undefined | Promise<void> {
    if (this.#isClosed) return undefined;
    this.#isClosed = true;
    return promptly(
      () => void fs.closeSync(this.number),
      () => pool.close(this.number),
    );
  }
}
