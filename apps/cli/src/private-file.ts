import { randomBytes } from 'node:crypto';
import { realpath, rename, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file that nobody else may read, all of it or nothing, in place of one that may be there: whatever that one's permissions
 * were, the new one has its own.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  // Where a link is kept, what it leads to is replaced.
  const path = await realpath(file).catch(() => file);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.s3kit`);
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}
