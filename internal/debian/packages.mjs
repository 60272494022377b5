import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * What is wanted, and where it comes from.
 *
 * @typedef {object} Wanted
 * @property {readonly string[]} programs - that have to be on the path
 * @property {readonly string[]} packages - of Debian's, that bring them
 * @property {(line: string) => void} [log]
 */

/**
 * Installs Debian's packages if one of the programs is missing.
 *
 * @param {Wanted} wanted
 */
export async function installPackages({ programs, packages, log = () => {} }) {
  if ((await missingOf(programs)).length === 0) return;
  await aptInstall(packages, log);
}

/**
 * Installs Debian's packages.
 *
 * @param {readonly string[]} packages
 * @param {(line: string) => void} [log]
 */
export async function aptInstall(packages, log = () => {}) {
  const by = `install the Debian packages ${packages.join(' ')}`;
  if ((await missingOf(['apt-get'])).length > 0) {
    throw new Error(`something is missing, and there is no apt-get: ${by} on a Debian machine`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`something is missing, and only root can install it: ${by}`);
  }
  log(`installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (/** @type {string[]} */ ...words) =>
    run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=600', ...words], { env });
  const install = () => aptGet('install', '--no-install-recommends', ...packages);
  // The package lists may be old, or not there at all, as in a fresh container.
  await install().catch(async () => {
    await aptGet('update');
    await install();
  });
}

/**
 * @param {readonly string[]} names
 * @returns {Promise<string[]>} those that are not on the path
 */
async function missingOf(names) {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  const isThere = await Promise.all(
    names.map(async (name) => {
      const found = await Promise.allSettled(
        folders.map((folder) => access(join(folder, name), constants.X_OK)),
      );
      return found.some(({ status }) => status === 'fulfilled');
    }),
  );
  return names.filter((_, index) => !isThere[index]);
}
