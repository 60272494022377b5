import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionConfig, type Environment, loadSettings } from '../src/index.ts';

let folder = '';
let files: Environment = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-settings-'));
  files = { HOME: folder, AWS_CONFIG_FILE: join(folder, 'config') };
  await writeFile(
    join(folder, 'config'),
    `[default]
region = eu-central-1
[profile full]
region = eu-west-1
ca_bundle = ${join(folder, 'ca.pem')}
max_attempts = 7
retry_mode = adaptive
request_checksum_calculation = WHEN_REQUIRED
response_checksum_validation = when_supported
use_fips_endpoint = true
s3_us_east_1_regional_endpoint = regional
s3_disable_multiregion_access_points = TRUE
s3_use_arn_region = false
s3 =
  addressing_style = virtual
  use_dualstack_endpoint = true
  payload_signing_enabled = true
  max_concurrent_requests = 20
  multipart_threshold = 64MB
  multipart_chunksize = 16777216
[profile fast]
region = ap-south-1
s3 =
  use_accelerate_endpoint = true
[profile minio]
endpoint_url = http://localhost:9000
s3 =
  addressing_style = path
[profile wrong]
max_attempts = many
`,
  );
  await writeFile(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n');
});
afterAll(() => rm(folder, { recursive: true }));

describe('loadSettings', () => {
  test('reads the profile, and says where each value is from', async () => {
    const source = `profile full in ${join(folder, 'config')}`;
    const settings = await loadSettings({ environment: files, profile: 'full' });
    const { profile, ...values } = settings;
    expect(profile).toBe('full');
    expect(
      Object.fromEntries(Object.entries(values).map(([name, setting]) => [name, setting.value])),
    ).toEqual({
      region: 'eu-west-1',
      caBundle: join(folder, 'ca.pem'),
      maxAttempts: 7,
      retryMode: 'adaptive',
      requestChecksumCalculation: 'when_required',
      responseChecksumValidation: 'when_supported',
      useFipsEndpoint: true,
      usEast1RegionalEndpoint: 'regional',
      disableMultiregionAccessPoints: true,
      useArnRegion: false,
      addressingStyle: 'virtual',
      useDualstackEndpoint: true,
      payloadSigningEnabled: true,
      maxConcurrentRequests: 20,
      multipartThreshold: 64 * 1024 ** 2,
      multipartChunksize: 16 * 1024 ** 2,
    });
    expect(new Set(Object.values(values).map((setting) => setting.source))).toEqual(new Set([source]));
  });

  test.each([
    ['AWS_REGION', 'us-west-2', 'region', 'us-west-2'],
    ['AWS_DEFAULT_REGION', 'us-west-1', 'region', 'us-west-1'],
    ['AWS_ENDPOINT_URL', 'https://a.example', 'endpointUrl', 'https://a.example'],
    ['AWS_ENDPOINT_URL_S3', 'https://b.example', 'endpointUrl', 'https://b.example'],
    ['AWS_CA_BUNDLE', '/ca.pem', 'caBundle', '/ca.pem'],
    ['AWS_MAX_ATTEMPTS', '2', 'maxAttempts', 2],
    ['AWS_RETRY_MODE', 'Standard', 'retryMode', 'standard'],
    ['AWS_REQUEST_CHECKSUM_CALCULATION', 'when_supported', 'requestChecksumCalculation', 'when_supported'],
    ['AWS_RESPONSE_CHECKSUM_VALIDATION', 'WHEN_REQUIRED', 'responseChecksumValidation', 'when_required'],
    ['AWS_USE_DUALSTACK_ENDPOINT', 'false', 'useDualstackEndpoint', false],
    ['AWS_USE_FIPS_ENDPOINT', 'false', 'useFipsEndpoint', false],
    ['AWS_S3_US_EAST_1_REGIONAL_ENDPOINT', 'legacy', 'usEast1RegionalEndpoint', 'legacy'],
    ['AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS', 'false', 'disableMultiregionAccessPoints', false],
    ['AWS_S3_USE_ARN_REGION', 'true', 'useArnRegion', true],
    ['AWS_EC2_METADATA_DISABLED', 'true', 'ec2MetadataDisabled', true],
  ] as const)('%s comes before the profile', async (name, text, setting, value) => {
    const settings = await loadSettings({ environment: { ...files, [name]: text }, profile: 'full' });
    expect(settings[setting]).toEqual({ value, source: name });
  });

  test('AWS_REGION comes before AWS_DEFAULT_REGION, and what is set to nothing is not set', async () => {
    const environment = { ...files, AWS_DEFAULT_REGION: 'us-west-1', AWS_REGION: 'us-west-2' };
    expect((await loadSettings({ environment })).region?.value).toBe('us-west-2');
    const empty = { ...files, AWS_DEFAULT_REGION: '', AWS_REGION: ' ' };
    expect((await loadSettings({ environment: empty })).region?.value).toBe('eu-central-1');
  });

  test('a value that cannot be understood is named, with its place', async () => {
    await expect(loadSettings({ environment: files, profile: 'wrong' })).rejects.toThrow(
      `max_attempts of profile wrong in ${join(folder, 'config')} must be a whole number, 1 or more, not "many"`,
    );
    await expect(loadSettings({ environment: { ...files, AWS_USE_FIPS_ENDPOINT: 'yes' } })).rejects.toThrow(
      'AWS_USE_FIPS_ENDPOINT must be true or false, not "yes"',
    );
  });

  test('a proxy is shown without its password', async () => {
    const environment = {
      ...files,
      https_proxy: 'http://me:hidden-word@proxy.example:3128',
      NO_PROXY: '.local',
    };
    const settings = await loadSettings({ environment });
    expect(settings.httpsProxy?.value).toBe('http://***@proxy.example:3128');
    expect(settings.noProxy?.value).toBe('.local');
    expect(JSON.stringify(settings)).not.toContain('hidden-word');
    await expect(
      loadSettings({ environment: { ...files, HTTPS_PROXY: 'socks5://me:hidden-word@proxy.example' } }),
    ).rejects.toThrow(/^HTTPS_PROXY must be the http or https URL of a proxy$/);
  });
});

describe('connectionConfig', () => {
  async function endpointOf(profile: string, environment: Environment = {}): Promise<string | undefined> {
    const { config } = await connectionConfig({ profile, environment: { ...files, ...environment } });
    return config.endpoint;
  }

  test('carries over what a connection knows', async () => {
    const { config, runtime } = await connectionConfig({ environment: files, profile: 'full' });
    const { credentials, ...rest } = config;
    expect(typeof credentials).toBe('function');
    expect(rest).toEqual({
      region: 'eu-west-1',
      endpoint: 's3-fips.dualstack.eu-west-1.amazonaws.com',
      addressingStyle: 'virtual',
      checksum: 'when-required',
      payloadSigning: 'always',
      retry: { limit: 7, mode: 'adaptive' },
    });
    expect(runtime).toEqual({
      certificateAuthorities: '-----BEGIN CERTIFICATE-----\n',
      partConcurrency: 20,
      partSize: 16 * 1024 ** 2,
      limits: { multipartThreshold: 64 * 1024 ** 2 },
    });
  });

  // Hosts as in the table of S3 endpoints of the AWS General Reference, and of the S3 user guide on acceleration.
  test.each([
    ['default', {}, undefined],
    ['default', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 's3.dualstack.eu-central-1.amazonaws.com'],
    [
      'default',
      { AWS_USE_FIPS_ENDPOINT: 'true', AWS_REGION: 'us-east-2' },
      's3-fips.us-east-2.amazonaws.com',
    ],
    [
      'default',
      { AWS_REGION: 'cn-north-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      's3.dualstack.cn-north-1.amazonaws.com.cn',
    ],
    [
      'default',
      { AWS_REGION: 'us-east-1', AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: 'regional' },
      's3.us-east-1.amazonaws.com',
    ],
    ['fast', {}, 's3-accelerate.amazonaws.com'],
    ['fast', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 's3-accelerate.dualstack.amazonaws.com'],
    ['minio', {}, 'http://localhost:9000'],
    ['minio', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'http://localhost:9000'],
  ])('profile %s with %j leads to %s', async (profile, environment, endpoint) => {
    expect(await endpointOf(profile, environment)).toBe(endpoint);
  });

  test('a bundle of authorities that cannot be read is named, with who named it', async () => {
    const environment = { ...files, AWS_CA_BUNDLE: join(folder, 'gone.pem') };
    await expect(connectionConfig({ environment })).rejects.toThrow(
      `${join(folder, 'gone.pem')}: the CA bundle that AWS_CA_BUNDLE names cannot be read`,
    );
  });

  test('credentials may be given, or none', async () => {
    const { config } = await connectionConfig({ environment: files, credentials: 'anonymous' });
    expect(config.credentials).toBe('anonymous');
  });
});
