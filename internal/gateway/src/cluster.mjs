import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { run } from '@s3kit-internal/debian/run';
import { cephConfig } from './ceph-config.mjs';
import { makeCertificate } from './certificate.mjs';
import { daemonNames, daemonPid, startDaemon, stopDaemon, waitForDaemon } from './daemons.mjs';
import { altUser, mainUser, roleName, tlsDnsName } from './settings.mjs';

/** @import { Settings } from './settings.mjs' */

/**
 * Makes an empty cluster in the folder and starts it; resolves when S3 answers.
 *
 * @param {Settings} settings
 */
export async function startCluster(settings) {
  const { file, configFile, log } = settings;
  for (const port of [settings.port, settings.tlsPort, settings.monitorPort]) await refuseTakenPort(port);

  log(`making a cluster in ${settings.folder}`);
  for (const name of ['mon', 'osd', 'rgw', 'log', 'run', 'crash'])
    await mkdir(file(name), { recursive: true });
  await makeCertificate(settings);
  const clusterId = randomUUID();
  await writeFile(configFile, cephConfig(settings, clusterId));

  const monitor = `[v2:127.0.0.1:${settings.monitorPort}/0]`;
  await run('monmaptool', [
    '--create',
    '--clobber',
    '--fsid',
    clusterId,
    '--addv',
    'a',
    monitor,
    file('monmap'),
  ]);
  await run('ceph-mon', ['-c', configFile, '-i', 'a', '--mkfs', '--monmap', file('monmap')]);
  await run('ceph-osd', ['-c', configFile, '--no-mon-config', '-i', '0', '--mkfs', '--osd-uuid', clusterId]);

  const ceph = (/** @type {string[]} */ ...words) =>
    run('ceph', ['-c', configFile, '--connect-timeout', '5', ...words]);
  await startDaemon(settings, 'mon');
  await waitForDaemon(settings, 'mon', () => succeeds(ceph('quorum_status')));
  await ceph('osd', 'new', clusterId);
  await startDaemon(settings, 'osd');
  await waitForDaemon(settings, 'osd', () =>
    ceph('osd', 'stat').then(
      (text) => text.includes('1 up'),
      () => false,
    ),
  );

  log('making the users');
  await makeUsers(settings);
  await startDaemon(settings, 'rgw');
  await waitForDaemon(settings, 'rgw', () => answers(settings));
}

/**
 * Makes the users, the role, and the second host name. This is done before the gateway starts, since it reads the
 * host names only then.
 *
 * @param {Settings} settings
 */
async function makeUsers({ configFile, file }) {
  const admin = async (/** @type {string[]} */ words, input = '') => {
    const text = await run('radosgw-admin', ['-c', configFile, ...words], { input });
    await appendFile(file('log', 'admin.out'), text);
    return text;
  };
  for (const { userId, accessKeyId, secretAccessKey } of [mainUser, altUser]) {
    await admin([
      ...[
        'user',
        'create',
        `--uid=${userId}`,
        `--display-name=${userId} user`,
        `--email=${userId}@example.com`,
      ],
      ...[`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`],
      '--caps=users=*;buckets=*;metadata=*;usage=*;roles=*;user-policy=*',
    ]);
  }

  const zoneGroup = JSON.parse(await admin(['zonegroup', 'get', '--rgw-zonegroup=default']));
  zoneGroup.hostnames = [tlsDnsName];
  await admin(['zonegroup', 'set', '--rgw-zonegroup=default'], JSON.stringify(zoneGroup));

  const policy = (/** @type {object} */ statement) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const principal = { AWS: [`arn:aws:iam:::user/${mainUser.userId}`] };
  const trust = policy({ Effect: 'Allow', Principal: principal, Action: ['sts:AssumeRole'] });
  const rights = policy({ Effect: 'Allow', Action: ['s3:*'], Resource: 'arn:aws:s3:::*' });
  const role = `--role-name=${roleName}`;
  await admin(['role', 'create', role, `--assume-role-policy-doc=${trust}`]);
  await admin(['role-policy', 'put', role, '--policy-name=all', `--policy-doc=${rights}`]);
}

/**
 * Stops whatever of the cluster runs.
 *
 * @param {Settings} settings
 */
export async function stopCluster(settings) {
  for (const name of daemonNames) await stopDaemon(settings, name);
}

/**
 * Whether all daemons run and S3 answers.
 *
 * @param {Settings} settings
 */
export async function isUp(settings) {
  const pids = await Promise.all(daemonNames.map((name) => daemonPid(settings, name)));
  return pids.every(Boolean) && (await answers(settings));
}

/**
 * Whether S3 answers on the HTTP port.
 *
 * @param {Settings} settings
 * @returns {Promise<boolean>}
 */
export function answers({ port }) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, timeout: 5000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

/** @param {number} port */
async function refuseTakenPort(port) {
  const isTaken = await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  if (isTaken) throw new Error(`something else listens on port ${port}: stop it, or choose another port`);
}

/** @param {Promise<unknown>} promise */
function succeeds(promise) {
  return promise.then(
    () => true,
    () => false,
  );
}
