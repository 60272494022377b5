import { rmSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLocked } from './index-store.ts';
import { indexFolder } from './store.ts';

/** Those of the servers that are open in this process. */
const folders: Set<string> = new Set();

/** The name says which process made the folder. */
const namePattern = /^s3kit-server-(\d+)-\w{6}$/;

/** Makes a folder that goes with the process at the latest; where one before it was killed, its folders are removed now. */
export async function makeTemporaryFolder(): Promise<string> {
  if (folders.size === 0) await removeAbandoned(tmpdir());
  const folder = await mkdtemp(join(tmpdir(), `s3kit-server-${process.pid}-`));
  if (folders.size === 0) process.on('exit', removeAll);
  folders.add(folder);
  return folder;
}

/** Removes a folder with all that is in it. */
export async function removeTemporaryFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  folders.delete(folder);
  if (folders.size === 0) process.off('exit', removeAll);
}

/** At the end of a process nothing can be awaited, and the servers are still open. */
function removeAll(): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // As on Windows, where open files cannot be removed: the next process does it.
    }
  }
}

/** Removes what processes have left that were ended by a signal. */
async function removeAbandoned(parent: string): Promise<void> {
  // Where a folder can be made, it need not be possible to look around.
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const [, processId] = namePattern.exec(name) ?? [];
    if (processId === undefined || isRunning(Number(processId))) continue;
    const folder = join(parent, name);
    if (!(await isOwn(folder))) continue;
    // A process of another container has its number elsewhere, and its lock here.
    if (await isLocked(indexFolder(folder))) continue;
    // Another process may be at it, too.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Whether this user has made the folder: anybody may put something of such a name where everybody may write. */
async function isOwn(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  const user = process.getuid?.();
  return found?.isDirectory() === true && (user === undefined || found.uid === user);
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Without the permission to send it a signal: it runs.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
