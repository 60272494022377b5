import { expect, test } from 'vitest';
import { cephConfig } from '../src/ceph-config.mjs';
import { describeGateway, type GatewayOptions } from '../src/index.mjs';
import { environmentLines, settle } from '../src/settings.mjs';

/** Reads `ceph.conf` back: values by `section/name`. */
function readConfig(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split('\n').filter(Boolean)) {
    const [, heading, name, value] = /^(?:\[(.+)\]|([\w ]+) = (.*))$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (name !== undefined && value !== undefined) values.set(`${section}/${name}`, value);
    else throw new Error(`this is no line of a configuration: ${line}`);
  }
  return values;
}

const clusterId = '11111111-2222-3333-4444-555555555555';
const configOf = (options: GatewayOptions) =>
  readConfig(cephConfig(settle({ folder: '/tmp/g', ...options }), clusterId));

test('the configuration holds the cluster, the folder and the ports', () => {
  const config = configOf({ port: 1001, tlsPort: 1002, monitorPort: 1003 });
  expect(config.get('global/fsid')).toBe(clusterId);
  expect(config.get('global/mon_host')).toBe('[v2:127.0.0.1:1003/0]');
  expect(config.get('global/run_dir')).toBe('/tmp/g/run');
  expect(config.get('osd/osd_data')).toBe('/tmp/g/osd');
  expect(config.get('osd/osd_objectstore')).toBe('memstore');
  expect(config.get('client.rgw/rgw_frontends')?.split(' ')).toEqual([
    'beast',
    'tcp_nodelay=1',
    'endpoint=127.0.0.1:1001',
    'ssl_endpoint=127.0.0.1:1002',
    'ssl_certificate=/tmp/g/tls.crt',
    'ssl_private_key=/tmp/g/tls.key',
  ]);
});

test('every address is 127.0.0.1', () => {
  const text = cephConfig(settle({ folder: '/tmp/g' }), clusterId);
  const addresses = text.match(/\d+\.\d+\.\d+\.\d+/g) ?? [];
  expect(addresses.length).toBeGreaterThan(4);
  expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
  expect(text).not.toContain('0.0.0.0');
});

test('the keys have the lengths that Ceph wants', () => {
  const config = configOf({});
  expect(config.get('client/rgw_sts_key')).toHaveLength(16);
  const [name, key = ''] = config.get('client/rgw_crypt_s3_kms_encryption_keys')?.split(/=(.*)/) ?? [];
  expect(name).toBe(describeGateway().kmsKeyId);
  expect(Buffer.from(key, 'base64')).toHaveLength(32);
});

test('a lifecycle day is shortened only when asked', () => {
  expect(configOf({}).has('client/rgw_lc_debug_interval')).toBe(false);
  expect(configOf({ lifecycleDaySeconds: 3 }).get('client/rgw_lc_debug_interval')).toBe('3');
});

test('a client is told where to go, and with which keys', () => {
  const gateway = describeGateway({ folder: '/tmp/g', port: 1001, tlsPort: 1002 });
  expect(gateway).toMatchObject({
    endpoint: 'http://localhost:1001',
    tlsEndpoint: 'https://localhost:1002',
    caFile: '/tmp/g/ca.crt',
    region: 'default',
  });
  expect(gateway.accessKeyId).toMatch(/^[A-Z0-9]{20}$/);
  expect(gateway.secretAccessKey).toHaveLength(40);
  expect(gateway.alt.accessKeyId).not.toBe(gateway.accessKeyId);
  expect(gateway.alt.secretAccessKey).not.toBe(gateway.secretAccessKey);
});

test('the description as an environment', () => {
  const lines = environmentLines({ endpoint: 'http://localhost:1', alt: { accessKeyId: 'A=1' } });
  expect(lines).toEqual(['S3KIT_TEST_ENDPOINT=http://localhost:1', 'S3KIT_TEST_ALT_ACCESS_KEY_ID=A=1']);
});

test.each<[name: string, options: GatewayOptions]>([
  ['a relative folder', { folder: 'g' }],
  ['a folder too long for sockets', { folder: `/${'g'.repeat(60)}` }],
  ['a folder with a space', { folder: '/tmp/a b' }],
  ['port 0', { port: 0 }],
  ['a port that is no number', { tlsPort: Number.NaN }],
  ['a port that is too high', { monitorPort: 65_536 }],
  ['a lifecycle day of no seconds', { lifecycleDaySeconds: 0 }],
])('%s is refused', (_name, options) => {
  expect(() => settle(options)).toThrow(RangeError);
});
