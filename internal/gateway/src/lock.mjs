import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs a task while holding a lock file, so that two commands at once do not make one cluster.
 *
 * @template T
 * @param {string} lockFile
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export async function withLock(lockFile, task) {
  const end = Date.now() + 600_000;
  for (;;) {
    try {
      await writeFile(lockFile, `${process.pid}\n`, { flag: 'wx' });
      break;
    } catch (error) {
      // `wx` says EEXIST when the lock is held.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(lockFile, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(lockFile, { force: true });
    else if (Date.now() > end) throw new Error(`process ${holder} has held ${lockFile} for ten minutes`);
    else await sleep(100);
  }
  try {
    return await task();
  } finally {
    await rm(lockFile, { force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
