import type { Credentials } from '@s3kit/sigv4';
import { CredentialsError } from './credentials-error.ts';
import type { ParsedConfig, Properties } from './parse-shared-config.ts';

/** A place outside of the files that a profile may name in `credential_source`. */
export type NamedSource = 'Environment' | 'Ec2InstanceMetadata' | 'EcsContainer';

/** One step on the way to a profile's credentials; each but the first uses those of the step before. */
export type CredentialStep =
  | { readonly kind: 'keys'; readonly profile: string; readonly credentials: Credentials }
  | { readonly kind: 'named-source'; readonly profile: string; readonly source: NamedSource }
  | {
      readonly kind: 'web-identity';
      readonly profile: string;
      readonly roleArn: string;
      readonly tokenFile: string;
      readonly sessionName?: string;
    }
  | { readonly kind: 'process'; readonly profile: string }
  | {
      readonly kind: 'sso';
      readonly profile: string;
      readonly startUrl: string;
      readonly region: string;
      readonly session?: string;
      /** Without an account, the session is for access tokens only. */
      readonly accountId?: string;
      readonly roleName?: string;
    }
  | { readonly kind: 'login'; readonly profile: string }
  | {
      readonly kind: 'assume-role';
      readonly profile: string;
      readonly roleArn: string;
      readonly sessionName?: string;
      readonly externalId?: string;
      /** Seconds that the credentials shall last. */
      readonly durationSeconds?: number;
      readonly mfaSerial?: string;
    };

type Files = Pick<ParsedConfig, 'profiles' | 'ssoSessions'>;

/** The steps that lead to a profile's credentials; undefined where the profile says nothing of any. */
export type CredentialPlan = readonly CredentialStep[] | undefined;

/**
 * Reads from the shared files how a profile's credentials are to be had. Reads nothing else, and asks nobody.
 *
 * @throws {CredentialsError} a profile that contradicts itself, lacks a part, or leads in a circle: names profile and property
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html}
 */
export function planCredentials(files: Files, profile: string): CredentialPlan {
  return files.profiles[profile] === undefined ? undefined : planProfile(files, profile, []);
}

function planProfile(files: Files, profile: string, cameFrom: readonly string[]): CredentialPlan {
  const properties = files.profiles[profile] ?? {};
  const parent = cameFrom.at(-1);
  if (cameFrom.includes(profile)) {
    // A profile that names itself means its own keys.
    const own = parent === profile ? keysOf(properties, profile, files, cameFrom) : undefined;
    if (own !== undefined) return own;
    throw new CredentialsError(
      `the profiles ${[...cameFrom, profile].join(' -> ')} form a circle by their source_profile`,
      { profile },
    );
  }
  // The source of a role is its keys, if it has any: they end the chain.
  const first = parent === undefined ? [roleOf, keysOf] : [keysOf, roleOf];
  for (const attempt of [...first, processOf, ssoOf, loginOf]) {
    const plan = attempt(properties, profile, files, cameFrom);
    if (plan !== undefined) return plan;
  }
  return undefined;
}

type Attempt = (
  properties: Properties,
  profile: string,
  files: Files,
  cameFrom: readonly string[],
) => CredentialPlan;

function incomplete(profile: string, has: string, lacks: string): CredentialsError {
  return new CredentialsError(`profile ${JSON.stringify(profile)} has ${has}, but ${lacks}`, { profile });
}

const keysOf: Attempt = (properties, profile) => {
  const {
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    aws_session_token: sessionToken,
    aws_account_id: accountId,
  } = properties;
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (!secretAccessKey) throw incomplete(profile, 'aws_access_key_id', 'no aws_secret_access_key');
  if (!accessKeyId) throw incomplete(profile, 'aws_secret_access_key', 'no aws_access_key_id');
  return [
    {
      kind: 'keys',
      profile,
      credentials: {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken && { sessionToken }),
        ...(accountId && { accountId }),
      },
    },
  ];
};

const namedSources: readonly NamedSource[] = ['Environment', 'Ec2InstanceMetadata', 'EcsContainer'];

const roleOf: Attempt = (properties, profile, files, cameFrom) => {
  const {
    role_arn: roleArn,
    source_profile: sourceProfile,
    credential_source: credentialSource,
    web_identity_token_file: tokenFile,
    role_session_name: sessionName,
    external_id: externalId,
    mfa_serial: mfaSerial,
    duration_seconds: duration,
  } = properties;
  if (!roleArn) {
    if (tokenFile) throw incomplete(profile, 'web_identity_token_file', 'no role_arn');
    return undefined;
  }
  if (sourceProfile && credentialSource)
    throw incomplete(profile, 'source_profile and credential_source', 'may have only one of them');
  if (tokenFile && !sourceProfile && !credentialSource) {
    return [{ kind: 'web-identity', profile, roleArn, tokenFile, ...(sessionName && { sessionName }) }];
  }
  const durationSeconds = duration === undefined ? undefined : Number(duration);
  if (durationSeconds !== undefined && !(Number.isSafeInteger(durationSeconds) && durationSeconds > 0))
    throw incomplete(profile, 'duration_seconds', 'it is not a number of seconds');
  return [
    ...sourceOfRole(properties, profile, files, cameFrom),
    {
      kind: 'assume-role',
      profile,
      roleArn,
      ...(sessionName && { sessionName }),
      ...(externalId && { externalId }),
      ...(mfaSerial && { mfaSerial }),
      ...(durationSeconds !== undefined && { durationSeconds }),
    },
  ];
};

function sourceOfRole(
  { source_profile: sourceProfile, credential_source: credentialSource }: Properties,
  profile: string,
  files: Files,
  cameFrom: readonly string[],
): readonly CredentialStep[] {
  if (credentialSource) {
    const source = namedSources.find((name) => name === credentialSource);
    if (source === undefined)
      throw incomplete(profile, 'credential_source', `it is none of ${namedSources.join(', ')}`);
    return [{ kind: 'named-source', profile, source }];
  }
  if (!sourceProfile)
    throw incomplete(profile, 'role_arn', 'no source_profile, credential_source or web_identity_token_file');
  if (files.profiles[sourceProfile] === undefined)
    throw incomplete(
      profile,
      `the source_profile ${JSON.stringify(sourceProfile)}`,
      'there is no such profile',
    );
  const plan = planProfile(files, sourceProfile, [...cameFrom, profile]);
  if (plan === undefined)
    throw incomplete(
      profile,
      `the source_profile ${JSON.stringify(sourceProfile)}`,
      'that one has no credentials',
    );
  return plan;
}

const processOf: Attempt = ({ credential_process: command }, profile) =>
  command ? [{ kind: 'process', profile }] : undefined;

const loginOf: Attempt = ({ login_session: session }, profile) =>
  session ? [{ kind: 'login', profile }] : undefined;

const ssoOf: Attempt = (properties, profile, { ssoSessions }) => {
  const { sso_session: session, sso_account_id: accountId, sso_role_name: roleName } = properties;
  if (!session && !properties['sso_start_url'] && !accountId && !roleName) return undefined;
  const section = session ? ssoSessions[session] : properties;
  if (section === undefined)
    throw incomplete(
      profile,
      `the sso_session ${JSON.stringify(session)}`,
      `there is no section [sso-session ${session}]`,
    );
  const { sso_start_url: startUrl, sso_region: region } = section;
  if (roleName && !accountId) throw incomplete(profile, 'sso_role_name', 'no sso_account_id');
  if (accountId && !roleName) throw incomplete(profile, 'sso_account_id', 'no sso_role_name');
  if (!startUrl || !region || !(session || accountId))
    throw incomplete(
      profile,
      'settings of SSO',
      'not all of sso_start_url, sso_region, sso_account_id and sso_role_name',
    );
  return [
    {
      kind: 'sso',
      profile,
      startUrl,
      region,
      ...(session && { session }),
      ...(accountId && { accountId }),
      ...(roleName && { roleName }),
    },
  ];
};
