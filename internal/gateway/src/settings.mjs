import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** @import { Gateway, GatewayOptions } from './index.d.mts' */

/**
 * @typedef {object} Settings
 * @property {string} folder
 * @property {number} port
 * @property {number} tlsPort
 * @property {number} monitorPort
 * @property {number | undefined} lifecycleDaySeconds
 * @property {(line: string) => void} log
 * @property {(...names: string[]) => string} file a path in the folder
 * @property {string} configFile
 */

/** Keys that open nothing but this gateway, which listens on 127.0.0.1 only. */
export const mainUser = {
  userId: 'main',
  accessKeyId: 'S3KITGATEWAYMAIN0001',
  secretAccessKey: 'gateway+main/secret/0123456789abcdefghij',
};

export const altUser = {
  userId: 'alt',
  accessKeyId: 'S3KITGATEWAYALT00001',
  secretAccessKey: 'gateway+alt/secret/0123456789abcdefghijk',
};

export const roleName = 's3kit';
export const kmsKeyId = 's3kit-testing-key';
export const dnsName = 'localhost';
export const tlsDnsName = 's3.test';
export const websiteDnsName = 's3-website.localhost';

// A Unix socket's path has 107 bytes at most, and Ceph adds its own names.
const longestFolder = 60;

/**
 * Fills in the defaults, and checks what was given.
 *
 * @param {GatewayOptions} [options]
 * @returns {Settings}
 */
export function settle(options = {}) {
  const { folder = join(tmpdir(), 's3kit-gateway'), lifecycleDaySeconds, log = () => {} } = options;
  const { port = 7580, tlsPort = 7543, monitorPort = 6_790 } = options;
  if (!isAbsolute(folder) || folder.length > longestFolder || /\s/.test(folder)) {
    throw new RangeError(
      `folder must be an absolute path of ${longestFolder} characters at most, without white space, not '${folder}'`,
    );
  }
  for (const [name, value] of Object.entries({ port, tlsPort, monitorPort })) {
    if (!Number.isInteger(value) || value < 1 || value > 65_535) {
      throw new RangeError(`${name} must be a port from 1 to 65535, not ${value}`);
    }
  }
  if (
    lifecycleDaySeconds !== undefined &&
    !(Number.isInteger(lifecycleDaySeconds) && lifecycleDaySeconds > 0)
  ) {
    throw new RangeError(`lifecycleDaySeconds must be a whole number of seconds, not ${lifecycleDaySeconds}`);
  }
  const file = (/** @type {string[]} */ ...names) => join(folder, ...names);
  return {
    folder,
    port,
    tlsPort,
    monitorPort,
    lifecycleDaySeconds,
    log,
    file,
    configFile: file('ceph.conf'),
  };
}

/**
 * What a client has to know.
 *
 * @param {Settings} settings
 * @returns {Gateway}
 */
export function describe({ port, tlsPort, file }) {
  return {
    endpoint: `http://${dnsName}:${port}`,
    tlsEndpoint: `https://${dnsName}:${tlsPort}`,
    caFile: file('ca.crt'),
    // The name that a location constraint must have; the region in a signature is not looked at.
    region: 'default',
    ...mainUser,
    dnsName,
    tlsDnsName,
    websiteDnsName,
    roleArn: `arn:aws:iam:::role/${roleName}`,
    kmsKeyId,
    alt: { ...altUser },
  };
}

/**
 * The same as lines for an environment: `S3KIT_TEST_ALT_ACCESS_KEY_ID=...`.
 *
 * @param {object} description
 * @param {string} [prefix]
 * @returns {string[]}
 */
export function environmentLines(description, prefix = 'S3KIT_TEST') {
  return Object.entries(description).flatMap(([key, value]) => {
    const name = `${prefix}_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
    return typeof value === 'object' ? environmentLines(value, name) : [`${name}=${value}`];
  });
}
