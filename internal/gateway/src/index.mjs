import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { installPackages } from '@s3kit-internal/debian/packages';
import { answers, isUp, startCluster, stopCluster } from './cluster.mjs';
import { daemonPid } from './daemons.mjs';
import { withLock } from './lock.mjs';
import { describe, settle } from './settings.mjs';

/** @import { Settings } from './settings.mjs' */

// About 70 MB.
const programs = ['ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'radosgw', 'radosgw-admin', 'openssl'];
const packages = ['ceph-mon', 'ceph-osd', 'ceph-common', 'radosgw', 'openssl'];

// The documentation is in index.d.mts.

/** @type {typeof import('./index.d.mts').startGateway} */
export async function startGateway(options) {
  const settings = settle(options);
  if (await isUp(settings)) return describe(settings);
  await installPackages({ programs, packages, log: settings.log });
  return withLock(lockFile(settings), async () => {
    // Another start may have held the lock.
    if (!(await isUp(settings))) {
      await claimFolder(settings);
      await stopCluster(settings);
      await emptyFolder(settings);
      await startCluster(settings);
    }
    return describe(settings);
  });
}

/** @type {typeof import('./index.d.mts').stopGateway} */
export async function stopGateway({ wipe = false, ...options } = {}) {
  const settings = settle(options);
  if (!(await isClaimed(settings))) return;
  await withLock(lockFile(settings), async () => {
    await stopCluster(settings);
    if (wipe) await rm(settings.folder, { recursive: true, force: true });
  });
}

/** @type {typeof import('./index.d.mts').gatewayStatus} */
export async function gatewayStatus(options) {
  const settings = settle(options);
  const [mon, osd, rgw] = await Promise.all([
    daemonPid(settings, 'mon'),
    daemonPid(settings, 'osd'),
    daemonPid(settings, 'rgw'),
  ]);
  return { mon, osd, rgw, answers: rgw !== null && (await answers(settings)) };
}

/** @type {typeof import('./index.d.mts').describeGateway} */
export function describeGateway(options) {
  return describe(settle(options));
}

/** @param {Settings} settings */
const lockFile = ({ folder }) => `${folder}.lock`;

const markerName = '.s3kit-gateway';

/**
 * Whether the folder is one that this program made, for this user: all in it may be removed.
 *
 * @param {Settings} settings
 */
async function isClaimed({ file }) {
  const marker = await stat(file(markerName)).catch(() => undefined);
  return marker !== undefined && marker.uid === process.getuid?.();
}

/** @param {Settings} settings */
async function claimFolder(settings) {
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  if (await isClaimed(settings)) return;
  if ((await readdir(settings.folder)).length > 0) {
    throw new Error(
      `${settings.folder} is not empty, and was not made by this program: choose another folder`,
    );
  }
  await writeFile(settings.file(markerName), '');
}

/** @param {Settings} settings */
async function emptyFolder({ folder, file }) {
  const names = (await readdir(folder)).filter((name) => name !== markerName);
  await Promise.all(names.map((name) => rm(file(name), { recursive: true, force: true })));
}
