import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ConfigError, type S3ConnectionConfig, type S3ConnectionRuntime } from '@s3kit/core';

const defaultFile = 's3.yaml';

/** What of the command line says where the configuration is. */
export interface ConfigurationChoice {
  readonly config?: string | undefined;
  readonly profile?: string | undefined;
}

/** The two arguments of a connection. */
export interface Configuration {
  readonly config: S3ConnectionConfig;
  readonly runtime: S3ConnectionRuntime;
}

/**
 * The connection's configuration: from the file that was named; else from the profile that was named; else from `s3.yaml` in
 * the current directory; else, when there is none, from the environment and the files of AWS.
 *
 * @throws {ConfigError} none of these says enough
 */
export async function findConfiguration(
  { config: file, profile }: ConfigurationChoice,
  environment: NodeJS.ProcessEnv,
  isAnonymous: boolean = false,
): Promise<Configuration> {
  if (file !== undefined) return fromFile(file, environment, isAnonymous);
  if (profile === undefined && existsSync(defaultFile))
    return fromFile(defaultFile, environment, isAnonymous);
  return fromAws(profile, environment, isAnonymous);
}

async function fromFile(
  file: string,
  environment: NodeJS.ProcessEnv,
  isAnonymous: boolean,
): Promise<Configuration> {
  // Loaded only where there is a file: what reads YAML is large.
  const { loadConfig } = await import('./load-config.ts');
  const config = await loadConfig(file);
  const runtime = await runtimeOf(environment);
  if (!isAnonymous) return { config, runtime };
  const { accessKeyId: _id, secretAccessKey: _secret, sessionToken: _token, ...others } = config;
  return { config: { ...others, credentials: 'anonymous' }, runtime };
}

/** The proxies of the environment, and its authorities in place of the system's. */
async function runtimeOf(environment: NodeJS.ProcessEnv): Promise<S3ConnectionRuntime> {
  const trust = await trusted(environment['AWS_CA_BUNDLE']);
  // Loaded only where there is one.
  if (!Object.keys(environment).some((name) => /^(?:https?|all)_proxy$/i.test(name))) return trust;
  const { isCredentialsError, proxyAgents } = await import('./aws-configuration.ts');
  try {
    return { ...trust, ...(await proxyAgents({ environment, ...trust })) };
  } catch (error) {
    throw isCredentialsError(error) ? new ConfigError(error.message, {}, error) : error;
  }
}

async function trusted(file: string | undefined): Promise<{ readonly certificateAuthorities?: string }> {
  if (!file) return {};
  try {
    return { certificateAuthorities: await readFile(file, 'utf8') };
  } catch (error) {
    throw new ConfigError('the certificates that AWS_CA_BUNDLE names cannot be read', { file }, error);
  }
}

async function fromAws(
  profile: string | undefined,
  environment: NodeJS.ProcessEnv,
  isAnonymous: boolean,
): Promise<Configuration> {
  const { connectionConfig, isCredentialsError } = await import('./aws-configuration.ts');
  try {
    const { config, runtime } = await connectionConfig({
      environment,
      ...(profile === undefined ? {} : { profile }),
      ...(isAnonymous ? { credentials: 'anonymous' as const } : {}),
    });
    const { credentials } = config;
    if (typeof credentials !== 'function') return { config, runtime };
    // Asked for at once: without keys there is nothing to do, and the reason is better told before anything else.
    await credentials();
    return { config, runtime };
  } catch (error) {
    if (!isCredentialsError(error)) throw error;
    throw new ConfigError(explain(error.message, profile, environment), {}, error);
  }
}

function explain(problem: string, profile: string | undefined, environment: NodeJS.ProcessEnv): string {
  if (profile !== undefined || environment['AWS_PROFILE']) return problem;
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].find((name) => !environment[name]);
  if (missing === undefined) return problem;
  return `there is no ${defaultFile} in this directory, and ${missing} is not set; name a file with --config, or make one with: s3 configure`;
}
