import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromEnv, fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { S3Connection, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectionConfig, defaultCredentials, fromEnvironment, fromProfile } from '../src/index.ts';

// The server checks every signature: a bucket that is made has been signed for by the right keys.
const users = [{ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-example' }];
let server: Awaited<ReturnType<typeof startServer>>;
let folder = '';

beforeAll(async () => {
  server = await startServer({ users });
  folder = await mkdtemp(join(tmpdir(), 's3kit-connection-'));
  await writeFile(
    join(folder, 'config'),
    `[profile dev]\nregion = us-east-1\nendpoint_url = ${server.endpoint}\ns3 =\n  addressing_style = path\n`,
  );
  await writeFile(
    join(folder, 'credentials'),
    '[dev]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-the-example\n',
  );
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

function files(): Record<string, string> {
  return {
    HOME: folder,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  };
}

describe('a connection', () => {
  test('is made of what a profile says', async () => {
    const { config, runtime } = await connectionConfig({ profile: 'dev', environment: files() });
    const storage = new Storage(new S3Connection({ ...config, defaultBucket: 'of-a-profile' }, runtime));
    await storage.bucketCreate('of-a-profile');
    await storage.write(Buffer.from('content'), 'key');
    expect(await storage.exists('key')).toEqual([true, {}]);
    storage.connection.close();
  });

  const sources = {
    'fromEnv of the AWS SDK': fromEnv(),
    'fromIni of the AWS SDK': fromIni({ profile: 'dev' }),
    'the chain of the AWS SDK': fromNodeProviderChain(),
    defaultCredentials: defaultCredentials(),
    fromEnvironment: fromEnvironment(),
    fromProfile: fromProfile({ profile: 'dev' }),
  };
  test.each(Object.entries(sources))('takes %s as it is', async (name, credentials) => {
    for (const [variable, value] of Object.entries(files())) vi.stubEnv(variable, value);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret-of-the-example');
    const storage = new Storage(new S3Connection({ endpoint: server.endpoint, credentials }));
    const bucket = name.toLowerCase().replaceAll(' ', '-');
    await storage.bucketCreate(bucket);
    expect(await storage.bucketExists(bucket)).toBe(true);
    storage.connection.close();
  });
});

test('a login session gives the credentials that it has kept', async () => {
  const session = 'arn:aws:iam::123456789012:user/me';
  const cache = join(folder, '.aws', 'login', 'cache');
  await mkdir(cache, { recursive: true });
  await writeFile(
    join(cache, `${createHash('sha256').update(session).digest('hex')}.json`),
    JSON.stringify({
      accessToken: {
        accessKeyId: 'ASIALOGIN',
        secretAccessKey: 'secret',
        sessionToken: 'token',
        accountId: '123456789012',
        expiresAt: '2080-01-01T00:00:00Z',
      },
      tokenType: 'aws_sigv4',
      clientId: 'arn:aws:signin:::devtools/same-device',
      refreshToken: 'refresh',
      dpopKey: 'unused while the access token is valid',
    }),
  );
  const config = join(folder, 'login-config');
  await writeFile(config, `[default]\nlogin_session = ${session}\n`);
  vi.stubEnv('HOME', folder);
  const environment = { HOME: folder, AWS_CONFIG_FILE: config };
  expect(await defaultCredentials({ environment })()).toMatchObject({
    accessKeyId: 'ASIALOGIN',
    sessionToken: 'token',
    accountId: '123456789012',
  });
});

test('what a profile says of retries, checksums and parts is carried over', async () => {
  const config = join(folder, 'full-config');
  await writeFile(
    config,
    `[default]
region = eu-west-1
retry_mode = adaptive
max_attempts = 7
response_checksum_validation = when_required
request_checksum_calculation = when_required
s3 =
  payload_signing_enabled = true
  max_concurrent_requests = 3
  multipart_threshold = 64MB
  multipart_chunksize = 16MB
`,
  );
  const environment = { HOME: folder, AWS_CONFIG_FILE: config };
  const full = await connectionConfig({ credentials: 'anonymous', environment });
  expect(full).toMatchObject({
    config: {
      region: 'eu-west-1',
      retry: { mode: 'adaptive', limit: 7 },
      checksum: 'when-required',
      responseChecksumValidation: 'when-required',
      payloadSigning: 'always',
    },
    runtime: {
      partConcurrency: 3,
      partSize: 16 * 1024 ** 2,
      limits: { multipartThreshold: 64 * 1024 ** 2 },
    },
  });
  const connection = new S3Connection(full.config, full.runtime);
  expect([connection.runtime.partSize, connection.limits.multipartThreshold]).toEqual([
    16 * 1024 ** 2,
    64 * 1024 ** 2,
  ]);
  connection.close();

  const legacy = await connectionConfig({
    credentials: 'anonymous',
    environment: { HOME: folder, AWS_RETRY_MODE: 'legacy' },
  });
  expect(legacy.config).not.toHaveProperty('retry');
});
