import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, isConfigError, loadConfig, S3Connection } from '../src/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string): Promise<unknown> {
  const file = join(folder, 's3.yaml');
  await writeFile(file, text);
  return loadConfig(file);
}

const documented = `---
s3:
    access_key_id: "XXXXX"
    secret_access_key: "YYYYYYY"
    default_bucket: "zzzzzzz"
    endpoint: "s3-us-west-2.amazonaws.com"
    region: "us-west-2"
`;

describe('loadConfig', () => {
  test('reads the documented example', async () => {
    expect(await load(documented)).toEqual({
      accessKeyId: 'XXXXX',
      secretAccessKey: 'YYYYYYY',
      defaultBucket: 'zzzzzzz',
      endpoint: 's3-us-west-2.amazonaws.com',
      region: 'us-west-2',
    });
  });

  test('reads retry and tls', async () => {
    expect(
      await load(
        `${documented}    tls: false\n    retry:\n      limit: 0\n      interval: 0.5\n      status_codes:\n        - 104\n        - 503\n`,
      ),
    ).toMatchObject({
      tls: false,
      retry: { limit: 0, interval: 0.5, statusCodes: [104, 503] },
    });
  });

  test.each([
    ['not YAML', 's3:\n  a: "x" y\n', 2, /not valid YAML/],
    ['a key given twice', `${documented}    region: x\n`, 8, /not valid YAML \(duplicate key\)/],
    ['no s3 at the top', 'access_key_id: x\n', 1, /key s3.*missing/],
    ['s3 without keys', 's3: hello\n', 1, /s3 must hold keys and values, not text/],
    [
      'an unknown key',
      `${documented}    bucket: x\n`,
      8,
      /s3\.bucket is not a known key; known are access_key_id, secret_access_key/,
    ],
    [
      'an unknown key of retry',
      `${documented}    retry:\n      times: 3\n`,
      9,
      /s3\.retry\.times is not a known key; known are limit, interval, status_codes/,
    ],
    [
      'a number for a text',
      `s3:\n  access_key_id: 123\n  secret_access_key: y\n`,
      2,
      /s3\.access_key_id must be a string, not a number; put it in quotes/,
    ],
    ['a text for a truth', `${documented}    tls: "yes"\n`, 8, /s3\.tls must be true or false, not text/],
    [
      'a text for a number',
      `${documented}    retry: { limit: many }\n`,
      8,
      /s3\.retry\.limit must be a whole number, 0 or more, not text/,
    ],
    [
      'no list of status codes',
      `${documented}    retry: { status_codes: 104 }\n`,
      8,
      /s3\.retry\.status_codes must be a list/,
    ],
    [
      'a malformed default bucket',
      's3:\n  access_key_id: x\n  secret_access_key: y\n  default_bucket: "A B"\n',
      4,
      /default_bucket is not a bucket name/,
    ],
    ['no keys', 's3:\n  region: x\n', 1, /s3\.access_key_id is missing; give .* or anonymous: true/],
    ['a provider in a file', 's3:\n  credentials: x\n', 2, /s3\.credentials is not a known key/],
    [
      'keys beside anonymous',
      `${documented}    anonymous: true\n`,
      3,
      /access_key_id is given beside anonymous/,
    ],
    ['a missing key', 's3:\n  access_key_id: x\n', 1, /s3\.secret_access_key is missing/],
  ])('%s: names file, line and key', async (_, text, line, message) => {
    const error: unknown = await load(text).catch((reason: unknown) => reason);
    if (!isConfigError(error)) throw new Error('no ConfigError', { cause: error });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(message);
    expect(error.file).toBe(join(folder, 's3.yaml'));
    expect(error.line).toBe(line);
    expect(error.message.startsWith(`${error.file}:${line}: `)).toBe(true);
  });

  test('a fault in the line of the secret does not show the secret', async () => {
    const error: unknown = await load('s3:\n  secret_access_key: "TOPSECRET\n  x: y\n').catch(
      (reason: unknown) => reason,
    );
    expect(inspect(error)).not.toContain('TOPSECRET');
  });

  test('a file may say that requests have no signature', async () => {
    const file = join(folder, 'anonymous.yaml');
    await writeFile(file, 's3:\n  anonymous: true\n  region: eu-west-1\n');
    expect(await loadConfig(file)).toEqual({ credentials: 'anonymous', region: 'eu-west-1' });
  });

  test('a missing file', async () => {
    await expect(loadConfig(join(folder, 'none.yaml'))).rejects.toThrow(
      /none\.yaml: there is no such configuration file/,
    );
  });

  test('a directory', async () => {
    await expect(loadConfig(folder)).rejects.toThrow(/cannot be read/);
  });
});

describe('S3Connection', () => {
  const keys = { accessKeyId: 'AKID', secretAccessKey: 'TOPSECRET' };

  test('takes the keys of s3.yaml, and their camel case twins', () => {
    const camel = new S3Connection({
      ...keys,
      defaultBucket: 'bucket',
      region: 'eu-west-1',
      tls: false,
      retry: { limit: 1, statusCodes: [500] },
    });
    const snake = new S3Connection({
      access_key_id: 'AKID',
      secret_access_key: 'TOPSECRET',
      default_bucket: 'bucket',
      region: 'eu-west-1',
      tls: false,
      retry: { limit: 1, status_codes: [500] },
    });
    for (const connection of [camel, snake]) {
      expect(connection).toMatchObject({
        defaultBucket: 'bucket',
        region: 'eu-west-1',
        tls: false,
        endpoint: 's3.eu-west-1.amazonaws.com',
      });
    }
  });

  test('has the documented defaults', () => {
    expect(new S3Connection(keys)).toMatchObject({
      defaultBucket: undefined,
      region: 'us-east-1',
      tls: true,
      endpoint: 's3.amazonaws.com',
    });
  });

  test.each([
    ['an unknown key', { ...keys, bucket: 'x' }, /bucket is not a known key/],
    ['a key in both spellings', { ...keys, access_key_id: 'x' }, /access_key_id is given twice/],
    ['a mixed spelling', { ...keys, default_Bucket: 'x' }, /default_Bucket is not a known key/],
    ['no keys', {}, /access_key_id is missing/],
    ['nothing', undefined, /the connection must hold keys and values/],
    ['a wrong type', { ...keys, tls: 1 }, /tls must be true or false/],
    ['a malformed endpoint', { ...keys, endpoint: 'http://a b' }, /invalid endpoint/],
    ['a scheme against tls', { ...keys, endpoint: 'http://localhost', tls: true }, /contradict/],
    ['a port that is none', { ...keys, endpoint: 'localhost:99999' }, /a port is 1 to 65535/],
  ])('%s is refused with a TypeError', (_, config, message) => {
    // The configuration is wrong on purpose.
    expect(() => new S3Connection(config as typeof keys)).toThrow(TypeError);
    expect(() => new S3Connection(config as typeof keys)).toThrow(message);
  });

  test('never shows its keys', () => {
    const connection = new S3Connection({ ...keys, sessionToken: 'TOPTOKEN' });
    const shown =
      inspect(connection, { depth: 10, showHidden: true }) + JSON.stringify(connection) + String(connection);
    expect(shown).not.toMatch(/TOPSECRET|TOPTOKEN/);
  });
});

test('an interval longer than a timer can count is refused when the connection is made', () => {
  const keys = { accessKeyId: 'a', secretAccessKey: 'b' };
  expect(() => new S3Connection({ ...keys, retry: { interval: 2_147_484 } })).toThrow(
    /retry\.interval must be a number of seconds up to 2147483/,
  );
  expect(() => new S3Connection({ ...keys, retry: { interval: 2_147_483 } })).not.toThrow();
});
