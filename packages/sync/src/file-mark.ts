import { stat, unlink } from 'node:fs/promises';
import { unless } from './local-folder.ts';
import { sourceChanged } from './source-changed.ts';

/** By what it shows later that a file is still the one that was sent. */
export interface FileMark {
  /** Bytes. */
  readonly size: bigint;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** What is known of a file before it is sent. */
export async function fileMark(path: string): Promise<FileMark> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  return { size, mtimeNs, ino };
}

/**
 * Deletes a file that was sent; one that has gone by now is no error.
 *
 * @throws {Error} with the code `ERR_S3KIT_SOURCE_CHANGED`: it is another, or was written, since; or it cannot be deleted
 */
export async function deleteSentFile(path: string, mark: FileMark): Promise<void> {
  const now = await fileMark(path).catch(unless('ENOENT'));
  if (now === undefined) return;
  if (now.size !== mark.size || now.mtimeNs !== mark.mtimeNs || now.ino !== mark.ino)
    throw sourceChanged(path);
  await unlink(path).catch(unless('ENOENT'));
}
