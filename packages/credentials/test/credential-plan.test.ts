import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getInstanceMetadataEndpoint } from '@smithy/credential-provider-imds';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { containerUri } from '../src/container-uri.ts';
import { type CredentialStep, planCredentials } from '../src/credential-plan.ts';
import { CredentialsError } from '../src/credentials-error.ts';
import vectors from './vectors/credential-sources.json' with { type: 'json' };

type Properties = Readonly<Record<string, string>>;

/** A step as the vectors write it. */
function asPublished(step: CredentialStep): object {
  switch (step.kind) {
    case 'keys': {
      const { accessKeyId, secretAccessKey, accountId } = step.credentials;
      return {
        AccessKey: {
          access_key_id: accessKeyId,
          secret_access_key: secretAccessKey,
          ...(accountId && { account_id: accountId }),
        },
      };
    }
    case 'named-source':
      return { NamedSource: step.source };
    case 'web-identity':
      return {
        WebIdentityToken: {
          role_arn: step.roleArn,
          web_identity_token_file: step.tokenFile,
          ...(step.sessionName && { role_session_name: step.sessionName }),
        },
      };
    case 'assume-role':
      return {
        AssumeRole: {
          role_arn: step.roleArn,
          ...(step.externalId && { external_id: step.externalId }),
          ...(step.sessionName && { role_session_name: step.sessionName }),
        },
      };
    case 'sso':
      return {
        Sso: { sso_session: step.session, sso_region: step.region, sso_start_url: step.startUrl },
      };
    default:
      throw new Error(`no vector has a step ${step.kind}`);
  }
}

/** What the errors of the vectors are called here. */
const meanings: Readonly<Record<string, RegExp>> = {
  'profile must contain `source_profile`': /"A" has role_arn, but no source_profile/,
  'profile missing aws_secret_access_key': /"B" has aws_access_key_id, but no aws_secret_access_key/,
  'profile missing aws_access_key_id': /"B" has aws_secret_access_key, but no aws_access_key_id/,
  'could not find source profile B referenced from A': /"A" has the source_profile "B", but there is no such/,
  'profile formed an infinite loop': /A -> B -> A form a circle/,
  '`role_arn` was missing': /"A" has web_identity_token_file, but no role_arn/,
  'if `sso_role_name` is set, then `sso_account_id` must also be set':
    /"A" has sso_role_name, but no sso_account_id/,
  'if `sso_account_id` is set, then `sso_role_name` must also be set':
    /"A" has sso_account_id, but no sso_role_name/,
  'sso-session named `oops` (referenced by profile `A`) was not found':
    /there is no section \[sso-session oops\]/,
};

interface ChainVector {
  readonly docs: string;
  readonly input: {
    readonly profiles: Readonly<Record<string, Properties>>;
    readonly selected_profile: string;
    readonly sso_sessions?: Readonly<Record<string, Properties>>;
  };
  readonly output: { readonly ProfileChain?: readonly object[]; readonly Error?: string };
}

describe('how a profile leads to credentials', () => {
  const cases = vectors.assumeRole as unknown as readonly ChainVector[];
  test.each(cases.map((vector, index) => ({ ...vector, title: `${index + 1}. ${vector.docs}` })))(
    '$title',
    ({ input, output }) => {
      const files = { profiles: input.profiles, ssoSessions: input.sso_sessions ?? {} };
      const plan = () => planCredentials(files, input.selected_profile);
      if (output.ProfileChain !== undefined) {
        expect(plan()?.map(asPublished)).toEqual(output.ProfileChain);
      } else if (output.Error === 'profile `A` did not contain credential information') {
        // Not a fault here: the standard chain goes on to the next source.
        expect(plan()).toBeUndefined();
      } else {
        const meaning = meanings[output.Error ?? ''];
        expect(meaning, output.Error).toBeDefined();
        expect(plan).toThrow(meaning);
      }
    },
  );

  test('a profile may name itself as the source of its role: its own keys are meant', () => {
    const keys = { aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'secret' };
    const profiles = { A: { role_arn: 'arn:aws:iam::123456789012:role/R', source_profile: 'A', ...keys } };
    expect(planCredentials({ profiles, ssoSessions: {} }, 'A')?.map(({ kind }) => kind)).toEqual([
      'keys',
      'assume-role',
    ]);
  });

  test.each([
    {},
    { credential_process: 'never-started' },
    { sso_start_url: 'https://example.awsapps.com/start', sso_region: 'eu-west-1' },
  ])('a profile that names itself, and has %j and no keys, is a circle', (properties) => {
    const role = { role_arn: 'arn:aws:iam::123456789012:role/R' };
    const profiles = {
      A: { ...role, source_profile: 'B' },
      B: { ...role, source_profile: 'B', ...properties },
    };
    const plan = (profile: string) => () => planCredentials({ profiles, ssoSessions: {} }, profile);
    expect(plan('B')).toThrow(/^the profiles B -> B form a circle by their source_profile$/);
    expect(plan('A')).toThrow(/^the profiles A -> B -> B form a circle by their source_profile$/);
    expect(plan('B')).toThrow(CredentialsError);
  });

  test.each([
    { credential_source: 'Moon' },
    { source_profile: 'B', credential_source: 'Environment' },
    { source_profile: 'B', duration_seconds: 'an hour' },
    { source_profile: 'empty' },
  ])('a role with %j is refused', (properties) => {
    const profiles = {
      A: { role_arn: 'arn:aws:iam::123456789012:role/R', ...properties },
      B: { aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'hidden' },
      empty: {},
    };
    expect(() => planCredentials({ profiles, ssoSessions: {} }, 'A')).toThrow(/^profile "A" has /);
  });
});

describe('where a container is asked', () => {
  test.each(vectors.containerUri)('$docs', ({ env, result }) => {
    // A case has some of the variables, and one of the two results.
    const environment = env as Record<string, string>;
    const { Ok, ErrorContains } = result as { Ok?: string; ErrorContains?: string };
    if (Ok !== undefined) expect(containerUri(environment)?.href).toBe(Ok);
    else if (ErrorContains?.startsWith('No environment variables'))
      expect(containerUri(environment)).toBeUndefined();
    else expect(() => containerUri(environment)).toThrow('AWS_CONTAINER_CREDENTIALS_FULL_URI must be a URL');
  });

  test('keys do not travel in the clear over a network', () => {
    for (const uri of [
      'http://example.com/credentials',
      'http://127.0.0.1.example.com/',
      'ftp://localhost/',
    ]) {
      expect(() => containerUri({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri })).toThrow(/must be an https URL/);
    }
  });
});

/** Cases of the vectors that are for somebody else, and why. */
const notHere: Readonly<Record<string, string>> = {
  'explicit mode override':
    'the endpoint is chosen by variables and files only, for all programs of a machine alike',
  'invalid uri': 'the AWS SDK takes the text as it is, and fails when it connects',
};

describe('where instance metadata is asked', () => {
  let folder: string | undefined;
  afterEach(async () => {
    vi.unstubAllEnvs();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const cases = vectors.imdsEndpoint.filter(({ docs }) => notHere[docs] === undefined);
  test.each(cases)('$docs', async ({ env, fs, result }) => {
    folder = await mkdtemp(join(tmpdir(), 's3kit-imds-'));
    const config = join(folder, 'config');
    // A case has at most the one file.
    await writeFile(config, (fs as { config?: string }).config ?? '');
    for (const [name, value] of Object.entries({ ...env, AWS_CONFIG_FILE: config })) vi.stubEnv(name, value);
    const { Ok } = result as { Ok?: string };
    if (Ok === undefined) {
      await expect(getInstanceMetadataEndpoint()).rejects.toThrow(/IPv7/);
      return;
    }
    const { protocol, hostname, port } = await getInstanceMetadataEndpoint();
    expect(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}/latest/api/token`).toBe(Ok);
  });
});
