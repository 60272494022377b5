import { spawn } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** @import { Settings } from './settings.mjs' */
/** @typedef {'mon' | 'osd' | 'rgw'} DaemonName */

/** @type {Record<DaemonName, [program: string, ...rest: string[]]>} */
const commands = {
  mon: ['ceph-mon', '-i', 'a'],
  osd: ['ceph-osd', '-i', '0'],
  rgw: ['radosgw', '-n', 'client.rgw'],
};

/** In the order in which they stop: nobody loses the one that he talks to. */
export const daemonNames = /** @type {const} */ (['rgw', 'osd', 'mon']);

/**
 * The process id of a daemon that runs, or null. A number in a file may by now be anybody's, so a process counts only
 * if it runs the daemon's program with this folder's configuration.
 *
 * @param {Settings} settings
 * @param {DaemonName} name
 * @returns {Promise<number | null>}
 */
export async function daemonPid({ file, configFile }, name) {
  const pid = Number(await readFile(file('run', `${name}.pid`), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid < 2) return null;
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const isOurs = words[0]?.endsWith(commands[name][0]) && words[words.indexOf('-c') + 1] === configFile;
  return isOurs ? pid : null;
}

/**
 * Starts a daemon that outlives this process, unless it runs.
 *
 * @param {Settings} settings
 * @param {DaemonName} name
 */
export async function startDaemon(settings, name) {
  if (await daemonPid(settings, name)) return;
  const { file, configFile } = settings;
  const [program, ...words] = commands[name];
  const output = await open(file('log', `${name}.out`), 'a');
  try {
    const child = spawn(program, [...words, '-f', '-c', configFile, '--log-to-stderr=false'], {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    await writeFile(file('run', `${name}.pid`), `${child.pid}\n`);
  } finally {
    await output.close();
  }
}

/**
 * Waits until a daemon does what it is there for.
 *
 * @param {Settings} settings
 * @param {DaemonName} name
 * @param {() => Promise<boolean>} isReady
 * @throws {Error} the daemon died, or took more than two minutes
 */
export async function waitForDaemon(settings, name, isReady) {
  const end = Date.now() + 120_000;
  while (!(await isReady())) {
    if (!(await daemonPid(settings, name)))
      throw new Error(`${name} died: ${await lastLines(settings, name)}`);
    if (Date.now() > end)
      throw new Error(`${name} is not ready after two minutes; see ${settings.file('log')}`);
    await sleep(50);
  }
}

/**
 * @param {Settings} settings
 * @param {DaemonName} name
 */
async function lastLines({ file }, name) {
  const texts = await Promise.all(
    [`${name}.out`, `${name}.log`].map((log) => readFile(file('log', log), 'utf8').catch(() => '')),
  );
  return texts.join('\n').trim().split('\n').slice(-20).join('\n');
}

/**
 * Stops a daemon: asks it, and after five seconds no longer asks.
 *
 * @param {Settings} settings
 * @param {DaemonName} name
 */
export async function stopDaemon(settings, name) {
  const pid = await daemonPid(settings, name);
  if (pid) {
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
      if ((await daemonPid(settings, name)) !== pid) break;
      process.kill(pid, signal);
      const end = Date.now() + 5000;
      while ((await daemonPid(settings, name)) === pid && Date.now() < end) await sleep(20);
    }
    settings.log(`stopped ${name} (process ${pid})`);
  }
  await rm(settings.file('run', `${name}.pid`), { force: true });
}
