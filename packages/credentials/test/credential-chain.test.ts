import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Credentials, defaultCredentials, fromProfile, isCredentialsError } from '../src/index.ts';
import { IdentityServer } from './identity-server.ts';
import vectors from './vectors/credential-chain.json' with { type: 'json' };

interface Exchange {
  readonly request: {
    readonly method: string;
    readonly uri: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response: { readonly status: number; readonly body?: string };
}

interface ChainVector {
  readonly name: string;
  readonly group: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly http: readonly Exchange[];
  readonly expected: {
    readonly Ok?: {
      readonly access_key_id: string;
      readonly secret_access_key: string;
      readonly session_token?: string;
      readonly account_id?: string;
      readonly expiry?: number;
    };
    readonly ErrorContains?: string;
  };
}

/** Cases of the vectors that are for somebody else, and why. */
const notHere: Readonly<Record<string, string>> = {
  profile_keys: 'an access token for other services than S3',
  profile_keys_case_insensitive: 'an access token for other services than S3',
};

/** What the cases that have no credentials come to. */
const failures: Readonly<Record<string, RegExp>> = {
  imds_default_chain_error: /^no credentials: .*instance metadata service gives no credentials/,
  imds_disabled: /^no credentials: .*AWS_EC2_METADATA_DISABLED is true/,
  imds_no_iam_role: /^the instance metadata service gives no credentials/,
  sso_server_error: /^SSO for profile "sso-test" failed; aws sso login --profile sso-test/,
  web_identity_source_profile_no_env: /^profile "B" has web_identity_token_file, but no role_arn/,
  credential_process_failure: /^credential_process of profile "default": the command failed/,
  empty_config: /says nothing of credentials/,
  invalid_config: /config:2: the property has no name/,
  invalid_sso_credentials_config: /its SSO session gives access tokens, not credentials/,
  sso_token: /its SSO session gives access tokens, not credentials/,
};

let folder = '';
let server: IdentityServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-chain-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  // The published answers have long expired.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2009-01-01T00:00:00Z') });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

/** The paths of a vector, in the test's own folder. */
function here(text: string): string {
  return text.replaceAll('/home', join(folder, 'home')).replaceAll('/token.jwt', join(folder, 'token.jwt'));
}

async function prepare(vector: ChainVector): Promise<IdentityServer> {
  for (const [path, content] of Object.entries(vector.files)) {
    const file = here(path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, here(content));
  }
  const started = await IdentityServer.start(vector.http.map(({ response }) => response));
  server = started;
  for (const [name, value] of Object.entries(vector.environment)) vi.stubEnv(name, here(value));
  // The link-local addresses of containers and instances are led here by the variables that there are for it.
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', started.origin);
  const relative = vector.environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const full = vector.environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  const path = relative ?? (full === undefined ? undefined : new URL(full).pathname);
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', undefined);
  if (path !== undefined) vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', started.origin + path);
  return started;
}

function sorted(target: string): string {
  const url = new URL(target, 'http://host');
  url.searchParams.sort();
  return url.pathname + url.search;
}

function isLinkLocal(uri: string): boolean {
  return new URL(uri).hostname.startsWith('169.254.');
}

const cases = (vectors as unknown as readonly ChainVector[]).filter(
  ({ name }) => notHere[name] === undefined,
);

describe('the published cases of the credential chain', () => {
  test.each(cases)('$name', async (vector) => {
    const started = await prepare(vector);
    const options = { agents: started.agents };
    const provider = vector.group === 'profile-provider' ? fromProfile(options) : defaultCredentials(options);
    const { Ok } = vector.expected;
    if (Ok === undefined) {
      const failure = await provider().catch((error: unknown) => error);
      expect(isCredentialsError(failure), String(failure)).toBe(true);
      expect(failures[vector.name], vector.name).toBeDefined();
      expect((failure as Error).message).toMatch(failures[vector.name] ?? '');
    } else {
      expect(asPublished(await provider(), vector)).toEqual({
        ...Ok,
        ...(keepsAccount(vector) && { account_id: undefined }),
      });
      expect(started.arrived).toHaveLength(vector.http.length);
    }
    for (const [index, { request }] of vector.http.entries()) {
      const arrived = started.arrived[index];
      expect(arrived?.method).toBe(request.method);
      expect(sorted(arrived?.target ?? '')).toBe(sorted(request.uri));
      if (!isLinkLocal(request.uri)) expect(arrived?.headers.host).toBe(new URL(request.uri).host);
      for (const name of ['x-aws-ec2-metadata-token', 'x-amz-sso_bearer_token'])
        expect(arrived?.headers[name]).toBe(request.headers?.[name]);
      for (const name of ['Action', 'Version'])
        expect(new URLSearchParams(arrived?.body).get(name)).toBe(
          new URLSearchParams(request.body).get(name),
        );
    }
  });

  test('every reason in the tables belongs to a case', () => {
    const names = (vectors as unknown as readonly ChainVector[]).map(({ name }) => name);
    for (const name of [...Object.keys(notHere), ...Object.keys(failures)]) expect(names).toContain(name);
  });
});

/** The SDK's providers for assumed roles and for containers do not tell the account, which S3 has no use for. */
function keepsAccount({ environment, http }: ChainVector): boolean {
  return (
    Object.keys(environment).some((name) => name.startsWith('AWS_CONTAINER_CREDENTIALS_')) ||
    http.some(({ request }) => request.body?.startsWith('Action=AssumeRole&'))
  );
}

function asPublished(credentials: Credentials, vector: ChainVector): object {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = credentials;
  return {
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    ...(sessionToken !== undefined && { session_token: sessionToken }),
    ...(expiration !== undefined && { expiry: Math.floor(expiration.getTime() / 1000) }),
    ...((accountId !== undefined || keepsAccount(vector)) && { account_id: accountId }),
  };
}

const role = 'arn:aws:iam::123456789012:role/R';

function assumed(expiration: string): string {
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>assumed</SecretAccessKey><SessionToken>token</SessionToken>
    <Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

describe('a role', () => {
  async function configure(lines: string): Promise<void> {
    const file = join(folder, 'config');
    await writeFile(
      file,
      `[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n[profile dev]\nregion = eu-west-1\nsource_profile = default\nrole_arn = ${role}\n${lines}`,
    );
    vi.stubEnv('AWS_CONFIG_FILE', file);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  }

  test('is assumed with its external id, duration, session name and code, in the region of its profile', async () => {
    await configure(
      'external_id = 42\nduration_seconds = 900\nrole_session_name = me\nmfa_serial = arn:aws:iam::1:mfa/me\n',
    );
    server = await IdentityServer.start([{ status: 200, body: assumed('2009-01-01T01:00:00Z') }]);
    const credentials = await fromProfile({
      profile: 'dev',
      agents: server.agents,
      mfaCode: async (serial) => (serial === 'arn:aws:iam::1:mfa/me' ? '123456' : ''),
    })();
    expect(credentials.sessionToken).toBe('token');
    const [arrived] = server.arrived;
    expect(arrived?.headers.host).toBe('sts.eu-west-1.amazonaws.com');
    expect(arrived?.headers.authorization).toContain('Credential=AKIDEXAMPLE/20090101/eu-west-1/sts/');
    expect(Object.fromEntries(new URLSearchParams(arrived?.body))).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'me',
      ExternalId: '42',
      DurationSeconds: '900',
      SerialNumber: 'arn:aws:iam::1:mfa/me',
      TokenCode: '123456',
    });
  });

  test('that needs a code is refused where nobody can be asked for one', async () => {
    await configure('mfa_serial = arn:aws:iam::1:mfa/me\n');
    await expect(fromProfile({ profile: 'dev' })()).rejects.toThrow('give the option mfaCode');
  });

  test('is assumed once for all who ask at a time, and again shortly before the credentials expire', async () => {
    await configure('');
    server = await IdentityServer.start([{ status: 200, body: assumed('2009-01-01T01:00:00Z') }]);
    const provider = defaultCredentials({ profile: 'dev', agents: server.agents });
    await Promise.all(Array.from({ length: 50 }, () => provider()));
    expect(server.arrived).toHaveLength(1);
    vi.setSystemTime(new Date('2009-01-01T00:54:59Z'));
    await provider();
    expect(server.arrived).toHaveLength(1);
    vi.setSystemTime(new Date('2009-01-01T00:55:00Z'));
    await Promise.all([provider(), provider()]);
    expect(server.arrived).toHaveLength(2);
  });

  test('that STS refuses is an error that says which, and shows no key', async () => {
    await configure('');
    server = await IdentityServer.start([
      {
        status: 403,
        body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>',
      },
    ]);
    const failure = await fromProfile({ profile: 'dev', agents: server.agents })().catch(String);
    expect(failure).toBe(`CredentialsError: assuming ${role} for profile "dev" failed: not yours`);
  });
});

describe('an environment that is given', () => {
  // What the process has set must not decide where keys and tokens go.
  beforeEach(() => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'https://process.example');
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'https://sts.process.example');
    vi.stubEnv('AWS_ENDPOINT_URL_SSO', 'https://sso.process.example');
    vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true');
    vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', 'true');
  });

  const keys = '[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n';
  const assuming = `${keys}[profile dev]\nregion = eu-west-1\nsource_profile = default\nrole_arn = ${role}\n`;

  async function hostOf(config: string, answer: string, more: Record<string, string> = {}): Promise<unknown> {
    const file = join(folder, 'config');
    await writeFile(file, config);
    server = await IdentityServer.start([{ status: 200, body: answer }]);
    const environment = { HOME: folder, AWS_CONFIG_FILE: file, AWS_PROFILE: 'dev', ...more };
    const credentials = await defaultCredentials({ environment, agents: server.agents })();
    expect(credentials.accessKeyId).toBe('ASIAEXAMPLE');
    return server.arrived[0]?.headers.host;
  }

  test('alone says where a role is assumed', async () => {
    const answer = assumed('2009-01-01T01:00:00Z');
    expect(await hostOf(assuming, answer)).toBe('sts.eu-west-1.amazonaws.com');
    await server?.close();
    const own = { AWS_ENDPOINT_URL_STS: 'https://sts.own.example' };
    expect(await hostOf(assuming, answer, own)).toBe('sts.own.example');
    await server?.close();
    const fips = { AWS_USE_FIPS_ENDPOINT: 'true' };
    expect(await hostOf(assuming, answer, fips)).toBe('sts-fips.eu-west-1.amazonaws.com');
  });

  test('alone says where a token is exchanged for a role', async () => {
    const token = join(folder, 'token');
    await writeFile(token, 'a.b.c');
    const config = `[profile dev]\nregion = eu-west-1\nweb_identity_token_file = ${token}\nrole_arn = ${role}\n`;
    const answer = assumed('2009-01-01T01:00:00Z').replaceAll('AssumeRoleRe', 'AssumeRoleWithWebIdentityRe');
    expect(await hostOf(config, answer)).toBe('sts.eu-west-1.amazonaws.com');
  });

  test('leaves SSO to AWS', async () => {
    const startUrl = 'https://corp.awsapps.com/start';
    vi.stubEnv('HOME', folder);
    const cached = `${createHash('sha1').update(startUrl).digest('hex')}.json`;
    await mkdir(join(folder, '.aws', 'sso', 'cache'), { recursive: true });
    await writeFile(
      join(folder, '.aws', 'sso', 'cache', cached),
      JSON.stringify({ accessToken: 'token', expiresAt: '2009-01-02T00:00:00Z' }),
    );
    const config = `[profile dev]\nsso_region = eu-west-1\nsso_start_url = ${startUrl}\nsso_account_id = 1\nsso_role_name = R\n`;
    const roleCredentials = {
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expiration: Date.parse('2009-01-01T01:00:00Z'),
    };
    expect(await hostOf(config, JSON.stringify({ roleCredentials }))).toBe(
      'portal.sso.eu-west-1.amazonaws.com',
    );
  });
});

describe('the order of the chain', () => {
  test('a profile that is named by an option comes before keys in the environment', async () => {
    const file = join(folder, 'credentials');
    await writeFile(file, '[dev]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret\n');
    const environment = {
      AWS_ACCESS_KEY_ID: 'AKIDENVIRONMENT',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_PROFILE: 'dev',
      HOME: folder,
    };
    expect((await defaultCredentials({ environment })()).accessKeyId).toBe('AKIDENVIRONMENT');
    expect((await defaultCredentials({ environment, profile: 'dev' })()).accessKeyId).toBe('AKIDPROFILE');
  });

  test('a named profile that is not there is an error, and half a pair of keys is one', async () => {
    const environment = { HOME: folder, AWS_PROFILE: 'gone' };
    await expect(defaultCredentials({ environment })()).rejects.toThrow('there is no profile "gone" in');
    await expect(
      defaultCredentials({ environment: { HOME: folder, AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE' } })(),
    ).rejects.toThrow('AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not');
  });

  test('a token of the environment goes with its keys', async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    };
    expect((await defaultCredentials({ environment })()).sessionToken).toBe('token');
  });

  test('a failing credential_process does not show its command line or its output', async () => {
    const file = join(folder, 'config');
    await writeFile(file, '[default]\ncredential_process = echo hidden-word >&2; exit 3 # hidden-word\n');
    const environment = { HOME: folder, AWS_CONFIG_FILE: file };
    const failure = await defaultCredentials({ environment })().catch((error: unknown) => error);
    expect(isCredentialsError(failure)).toBe(true);
    expect(JSON.stringify([String(failure), (failure as Error).cause])).not.toContain('hidden-word');
  });

  test('a credential_process whose Expiration is no time is an error that shows no secret', async () => {
    const file = join(folder, 'config');
    const answer = JSON.stringify({
      Version: 1,
      AccessKeyId: 'hidden-key',
      SecretAccessKey: 'hidden-secret',
      SessionToken: 'hidden-token',
      Expiration: 'soon-hidden',
    });
    await writeFile(file, `[profile dev]\ncredential_process = echo '${answer}'\n`);
    const environment = { HOME: folder, AWS_CONFIG_FILE: file };
    const failure = await fromProfile({ environment, profile: 'dev' })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ERR_S3KIT_CREDENTIALS', profile: 'dev' });
    expect(String(failure)).toMatch(/credential_process of profile "dev": .*Expiration/);
    expect(JSON.stringify([String(failure), (failure as Error).cause])).not.toContain('hidden');
  });

  test.each([
    ["[profile 'my team']\ncredential_process = echo", 'my team', /^profile "my team" leads to the AWS SDK/],
    [
      "[sso-session 'my corp']\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n[profile dev]\nsso_session = my corp\nsso_account_id = 1\nsso_role_name = R",
      'dev',
      /^sso-session "my corp" leads to the AWS SDK/,
    ],
  ])('a name in quotes that the AWS SDK cannot find is told of: %j', async (text, profile, message) => {
    const file = join(folder, 'config');
    await writeFile(file, text);
    const environment = { HOME: folder, AWS_CONFIG_FILE: file };
    const failure = await fromProfile({ environment, profile })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ERR_S3KIT_CREDENTIALS', profile });
    expect((failure as Error).message).toMatch(message);
  });
});
