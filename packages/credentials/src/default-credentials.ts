import process from 'node:process';
import { type CredentialProvider, type Credentials, CredentialsCache } from '@s3kit/sigv4';
import { planCredentials } from './credential-plan.ts';
import { CredentialsError } from './credentials-error.ts';
import { variable } from './environment.ts';
import { environmentKeys } from './environment-keys.ts';
import type { SomeAgents } from './proxy-agents.ts';
import { settingsOf } from './settings.ts';
import { loadSharedConfig, type SharedConfigOptions, selectedProfile } from './shared-config.ts';
import {
  carryOut,
  container,
  environmentWebIdentity,
  instanceMetadata,
  type SourceContext,
} from './sources.ts';
import { configuredAgents } from './trust.ts';

/** What `defaultCredentials` and its sources take. */
export interface CredentialsOptions extends SharedConfigOptions {
  /**
   * The profile. One that is named here comes before the keys in the environment; one that `AWS_PROFILE` names, after them.
   *
   * @default AWS_PROFILE, then AWS_DEFAULT_PROFILE, then 'default'
   */
  readonly profile?: string | undefined;
  /** Asks for the code of a device, for a role with `mfa_serial`. @default such a role is an error */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  /** Agents for the requests to STS and SSO. @default those of the proxies and of the CA bundle that are set, else Node's */
  readonly agents?: SomeAgents | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * The standard chain: the profile that the options name, keys in the environment, the profile that the environment names or
 * `default`, a web identity token in the environment, the container's credentials, the instance's.
 *
 * Nothing is read before the first call. What it gives is kept until shortly before it expires, and all who ask at a time
 * share one refresh.
 *
 * @throws {CredentialsError} when called: nothing is configured, or what is configured cannot be used
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html}
 * @example
 * const connection = new S3Connection({ region: 'eu-west-1', credentials: defaultCredentials() });
 */
export function defaultCredentials(options: CredentialsOptions = {}): CredentialProvider {
  return kept(options, async () => {
    const { environment = process.env } = options;
    const keys = options.profile === undefined ? environmentKeys(environment) : undefined;
    if (keys !== undefined) return keys;
    const context = await contextOf(options);
    return (
      (await profileCredentials(context)) ??
      (await environmentWebIdentity(context)) ??
      (await container(context)) ??
      (await lastResort(context))
    );
  });
}

/**
 * The keys of the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
 *
 * @throws {CredentialsError} when called: they are not there
 */
export function fromEnvironment(options: Pick<CredentialsOptions, 'environment'> = {}): CredentialProvider {
  return async () => {
    const keys = environmentKeys(options.environment ?? process.env);
    if (keys === undefined)
      throw new CredentialsError('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
    return keys;
  };
}

/**
 * What a profile says, and nothing else: keys, a role, a web identity, a process, SSO, a login session.
 *
 * @throws {CredentialsError} when called: there is no such profile, it says nothing of credentials, or its source failed
 */
export function fromProfile(options: CredentialsOptions = {}): CredentialProvider {
  return kept(options, async () => {
    const context = await contextOf(options);
    const credentials = await profileCredentials(context);
    if (credentials !== undefined) return credentials;
    const { profile, configFile, credentialsFile } = context.config;
    throw new CredentialsError(
      `profile ${JSON.stringify(profile)} in ${configFile} and ${credentialsFile} says nothing of credentials`,
      { profile },
    );
  });
}

/**
 * The credentials of a container in ECS or EKS, or of another agent that `AWS_CONTAINER_CREDENTIALS_FULL_URI` names.
 *
 * @throws {CredentialsError} when called: the environment names none, or it failed
 */
export function fromContainer(options: CredentialsOptions = {}): CredentialProvider {
  return kept(options, async () => {
    const credentials = await container(await contextOf(options));
    if (credentials !== undefined) return credentials;
    throw new CredentialsError('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and ..._FULL_URI are not set');
  });
}

/**
 * The credentials of an EC2 instance's role, by version 2 of its metadata service.
 *
 * @throws {CredentialsError} when called: the service cannot be reached, or gives none
 */
export function fromInstanceMetadata(options: CredentialsOptions = {}): CredentialProvider {
  return kept(options, async () => instanceMetadata(await contextOf(options)));
}

function kept({ now }: CredentialsOptions, provider: CredentialProvider): CredentialProvider {
  const cache = new CredentialsCache(provider, now === undefined ? {} : { now });
  let last: Credentials | undefined;
  // A caller that keeps credentials itself says by `forceRefresh` that the last ones are no longer taken.
  return async (request?: { readonly forceRefresh?: boolean }) => {
    last = request?.forceRefresh && last !== undefined ? await cache.replace(last) : await cache.get();
    return last;
  };
}

async function contextOf(options: CredentialsOptions): Promise<SourceContext> {
  const { environment = process.env, mfaCode } = options;
  const config = await loadSharedConfig(options);
  return {
    environment,
    config,
    mfaCode,
    agents: async () => options.agents ?? configuredAgents(environment, settingsOf(environment, config)),
  };
}

async function profileCredentials(context: SourceContext): Promise<Credentials | undefined> {
  selectedProfile(context.config);
  const plan = planCredentials(context.config, context.config.profile);
  return plan === undefined ? undefined : carryOut(plan, context);
}

async function lastResort(context: SourceContext): Promise<Credentials> {
  try {
    return await instanceMetadata(context);
  } catch (error) {
    const { profile, configFile, credentialsFile } = context.config;
    const where = [
      ...(variable(context.environment, 'AWS_ACCESS_KEY_ID') === undefined
        ? ['AWS_ACCESS_KEY_ID is not set']
        : []),
      `profile ${profile} in ${configFile} and ${credentialsFile} says nothing of them`,
      'this is no container of ECS or EKS',
      error instanceof Error ? error.message : String(error),
    ].join('; ');
    throw new CredentialsError(
      `no credentials: ${where}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile by AWS_PROFILE`,
      { profile },
      error,
    );
  }
}
