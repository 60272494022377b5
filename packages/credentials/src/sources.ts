import process from 'node:process';
import type { Credentials } from '@s3kit/sigv4';
import { containerUri } from './container-uri.ts';
import type { CredentialStep } from './credential-plan.ts';
import { CredentialsError } from './credentials-error.ts';
import { endpointUrl } from './endpoint-url.ts';
import { type Environment, variable } from './environment.ts';
import { environmentKeys } from './environment-keys.ts';
import type { HttpAgents, SomeAgents } from './proxy-agents.ts';
import { settingsOf } from './settings.ts';
import type { SharedConfig } from './shared-config.ts';

/** What carrying out a plan needs. */
export interface SourceContext {
  readonly environment: Environment;
  readonly config: SharedConfig;
  /** Makes the agents for requests to STS and SSO; undefined: the SDK's own. */
  readonly agents: () => Promise<SomeAgents | undefined>;
  readonly mfaCode: ((serial: string) => Promise<string>) | undefined;
}

type Step<Kind extends CredentialStep['kind']> = Extract<CredentialStep, { readonly kind: Kind }>;

/** The AWS SDK is loaded here, and only when a source is met that takes it. */
async function sdk(): Promise<typeof import('@aws-sdk/credential-providers')> {
  return import('@aws-sdk/credential-providers');
}

/** The part of the configuration of the SDK's clients that comes from here. */
interface ClientConfig {
  readonly region?: string;
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  readonly endpoint?: string;
  readonly ignoreConfiguredEndpointUrls: boolean;
  readonly requestHandler?: Partial<HttpAgents>;
}

/**
 * What the SDK's clients for STS and SSO are told. What they are not told they would look for in the environment of the process, and
 * so send secrets to hosts that another environment does not name.
 */
async function clientConfig(
  { environment, config, agents: makeAgents }: SourceContext,
  service: 'sts' | 'sso',
): Promise<ClientConfig> {
  const agents = await makeAgents();
  const { httpAgent, httpsAgent } = agents ?? {};
  const { region, useFipsEndpoint, useDualstackEndpoint } = settingsOf(environment, config);
  const endpoint = service === 'sts' ? endpointUrl('sts', environment, config) : undefined;
  return {
    // The files name the region of SSO next to its other settings.
    ...(service === 'sts' && { region: region?.value ?? 'us-east-1' }),
    useFipsEndpoint: useFipsEndpoint?.value ?? false,
    useDualstackEndpoint: useDualstackEndpoint?.value ?? false,
    ...(endpoint && { endpoint: endpoint.value }),
    // SSO is several services with endpoints of their own, and one configuration: the SDK alone can tell them apart.
    ignoreConfiguredEndpointUrls: service === 'sts' || environment !== process.env,
    ...(agents && { requestHandler: { ...(httpAgent && { httpAgent }), ...(httpsAgent && { httpsAgent }) } }),
  };
}

interface ProfileFiles {
  readonly profile: string;
  readonly filepath: string;
  readonly configFilepath: string;
  readonly ignoreCache: boolean;
}

/** Names that the SDK finds in the files; of a header with others, such as one with spaces in quotes, it knows nothing. */
const nameForSdk = /^[A-Za-z0-9_\-/.%@:+]+$/;

/** The files of a profile, as the SDK's providers name them. The SDK would otherwise keep what they once held. */
function files({ config }: SourceContext, profile: string, session?: string): ProfileFiles {
  for (const [section, name] of Object.entries({ profile, 'sso-session': session }))
    if (name !== undefined && !nameForSdk.test(name)) {
      throw new CredentialsError(
        `${section} ${JSON.stringify(name)} leads to the AWS SDK for JavaScript, which reads no such name: give it one without spaces or quotes`,
        { profile },
      );
    }
  return {
    profile,
    filepath: config.credentialsFile,
    configFilepath: config.configFile,
    ignoreCache: true,
  };
}

/**
 * Carries out the steps of a plan, one after the other.
 *
 * @throws {CredentialsError} a source that refused, could not be reached, or answered nothing of use
 */
export async function carryOut(
  steps: readonly CredentialStep[],
  context: SourceContext,
): Promise<Credentials> {
  let credentials: Credentials | undefined;
  for (const step of steps) {
    credentials = await explained(describe(step), () => carryOutStep(step, context, credentials));
  }
  if (credentials === undefined) throw new CredentialsError('there are no steps that lead to credentials');
  return credentials;
}

/** Gives a failure of a source that source's name. */
async function explained(source: string, run: () => Promise<Credentials>): Promise<Credentials> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CredentialsError) throw error;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new CredentialsError(`${source}: ${reason}`, {}, error);
  }
}

function describe(step: CredentialStep): string {
  const profile = `profile ${JSON.stringify(step.profile)}`;
  switch (step.kind) {
    case 'assume-role':
    case 'web-identity':
      return `assuming ${step.roleArn} for ${profile} failed`;
    case 'process':
      // Its own message would show the command line, which may hold a secret.
      return `credential_process of ${profile} failed`;
    case 'sso':
      return `SSO for ${profile} failed; aws sso login --profile ${step.profile} starts a new session`;
    case 'login':
      return `the login session of ${profile} failed; aws login --profile ${step.profile} starts a new one`;
    default:
      return `${profile} failed`;
  }
}

async function carryOutStep(
  step: CredentialStep,
  context: SourceContext,
  before: Credentials | undefined,
): Promise<Credentials> {
  switch (step.kind) {
    case 'keys':
      return step.credentials;
    case 'named-source':
      return namedSource(step, context);
    case 'web-identity':
      return webIdentity(step, context);
    case 'process':
      return credentialProcess(step, context);
    case 'sso':
      return sso(step, context);
    case 'login':
      return (await sdk()).fromLoginCredentials({
        ...files(context, step.profile),
        clientConfig: await clientConfig(context, 'sso'),
      })();
    case 'assume-role':
      return assumeRole(step, context, before);
  }
}

async function namedSource({ source }: Step<'named-source'>, context: SourceContext): Promise<Credentials> {
  if (source === 'Ec2InstanceMetadata') return instanceMetadata(context);
  const credentials =
    source === 'Environment' ? environmentKeys(context.environment) : await container(context);
  if (credentials !== undefined) return credentials;
  throw new CredentialsError(`credential_source = ${source}, but the environment sets nothing of the kind`);
}

async function credentialProcess({ profile }: Step<'process'>, context: SourceContext): Promise<Credentials> {
  const { fromProcess } = await sdk();
  const location = files(context, profile);
  let credentials: Credentials;
  try {
    credentials = await fromProcess(location)();
  } catch (error) {
    // A command that fails is quoted by Node, with its arguments and whatever it wrote.
    const message = error instanceof Error ? error.message : '';
    const detail = message.startsWith('Command failed') ? 'the command failed' : message;
    throw processFailed(profile, detail);
  }
  // The SDK takes any text for a time; kept until a time that is none, credentials would be had anew for every request.
  if (Number.isNaN(credentials.expiration?.getTime()))
    throw processFailed(profile, 'the Expiration that it printed is no ISO 8601 time');
  return credentials;
}

function processFailed(profile: string, detail: string): CredentialsError {
  return new CredentialsError(`credential_process of profile ${JSON.stringify(profile)}: ${detail}`, {
    profile,
  });
}

async function sso(step: Step<'sso'>, context: SourceContext): Promise<Credentials> {
  const { accountId, profile, session } = step;
  if (accountId === undefined) {
    throw new CredentialsError(
      `profile ${JSON.stringify(profile)} has no sso_account_id and sso_role_name: its SSO session gives access tokens, not credentials`,
      { profile },
    );
  }
  const { fromSSO } = await sdk();
  const credentials = await fromSSO({
    ...files(context, profile, session),
    clientConfig: await clientConfig(context, 'sso'),
  })();
  return { accountId, ...credentials };
}

async function webIdentity(
  { roleArn, tokenFile, sessionName }: Omit<Step<'web-identity'>, 'kind' | 'profile'>,
  context: SourceContext,
): Promise<Credentials> {
  const { fromTokenFile } = await sdk();
  return fromTokenFile({
    roleArn,
    webIdentityTokenFile: tokenFile,
    roleSessionName: sessionName ?? newSessionName(),
    clientConfig: await clientConfig(context, 'sts'),
  })();
}

function newSessionName(): string {
  return `s3kit-${Date.now()}`;
}

async function assumeRole(
  step: Step<'assume-role'>,
  context: SourceContext,
  masterCredentials: Credentials | undefined,
): Promise<Credentials> {
  const { roleArn, sessionName, externalId, durationSeconds, mfaSerial, profile } = step;
  const { mfaCode } = context;
  if (mfaSerial !== undefined && mfaCode === undefined) {
    throw new CredentialsError(
      `profile ${JSON.stringify(profile)} has mfa_serial: give the option mfaCode, a function that asks for the code`,
      { profile },
    );
  }
  const { fromTemporaryCredentials } = await sdk();
  return fromTemporaryCredentials({
    ...(masterCredentials && { masterCredentials }),
    ...(mfaCode && { mfaCodeProvider: mfaCode }),
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName ?? newSessionName(),
      ...(externalId && { ExternalId: externalId }),
      ...(durationSeconds && { DurationSeconds: durationSeconds }),
      ...(mfaSerial && { SerialNumber: mfaSerial }),
    },
    clientConfig: await clientConfig(context, 'sts'),
  })();
}

/** The role that the environment names together with a token's file; undefined where it names none. */
export async function environmentWebIdentity(context: SourceContext): Promise<Credentials | undefined> {
  const tokenFile = variable(context.environment, 'AWS_WEB_IDENTITY_TOKEN_FILE');
  const roleArn = variable(context.environment, 'AWS_ROLE_ARN');
  const sessionName = variable(context.environment, 'AWS_ROLE_SESSION_NAME');
  if (tokenFile === undefined || roleArn === undefined) return undefined;
  return explained(`assuming AWS_ROLE_ARN by AWS_WEB_IDENTITY_TOKEN_FILE failed`, () =>
    webIdentity({ tokenFile, roleArn, ...(sessionName && { sessionName }) }, context),
  );
}

/** The credentials of a container in ECS or EKS; undefined outside of one. */
export async function container({ environment }: SourceContext): Promise<Credentials | undefined> {
  const uri = containerUri(environment);
  if (uri === undefined) return undefined;
  const { fromHttp } = await sdk();
  return explained(`the container's credentials cannot be had`, () =>
    fromHttp({
      // An empty text keeps the SDK from looking into the process's own environment.
      awsContainerCredentialsRelativeUri: '',
      awsContainerCredentialsFullUri: uri.href,
      awsContainerAuthorizationToken: variable(environment, 'AWS_CONTAINER_AUTHORIZATION_TOKEN') ?? '',
      awsContainerAuthorizationTokenFile:
        variable(environment, 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE') ?? '',
    })(),
  );
}

/** The credentials of the role of an EC2 instance, by the second version of its metadata service only. */
export async function instanceMetadata({ environment, config }: SourceContext): Promise<Credentials> {
  if (variable(environment, 'AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true')
    throw new CredentialsError('AWS_EC2_METADATA_DISABLED is true');
  const { fromInstanceMetadata } = await sdk();
  const seconds = Number(variable(environment, 'AWS_METADATA_SERVICE_TIMEOUT') ?? 1);
  const attempts = Number(variable(environment, 'AWS_METADATA_SERVICE_NUM_ATTEMPTS') ?? 1);
  return explained('the instance metadata service gives no credentials', () =>
    fromInstanceMetadata({
      profile: config.profile,
      timeout: seconds * 1_000,
      maxRetries: attempts - 1,
      ec2MetadataV1Disabled: true,
    })(),
  );
}
