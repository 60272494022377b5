import { existsSync } from 'node:fs';
import { ConfigError, loadConfig, type S3ConnectionConfig } from '@s3kit/core';

const defaultFile = 's3.yaml';

/**
 * The connection's configuration: from the file that was named; else from `s3.yaml` in the current directory; else,
 * when there is none, from the standard AWS environment variables.
 *
 * @throws {ConfigError} none of these says enough
 */
export async function findConfiguration(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<S3ConnectionConfig> {
  if (file !== undefined) return loadConfig(file);
  if (existsSync(defaultFile)) return loadConfig(defaultFile);
  return fromEnvironment(environment);
}

/** @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html} */
function fromEnvironment(environment: NodeJS.ProcessEnv): S3ConnectionConfig {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const accessKeyId = given('AWS_ACCESS_KEY_ID');
  const secretAccessKey = given('AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY';
    throw new ConfigError(
      `there is no ${defaultFile} in this directory, and ${missing} is not set; name a file with --config`,
    );
  }
  const fields = {
    sessionToken: given('AWS_SESSION_TOKEN'),
    region: given('AWS_REGION') ?? given('AWS_DEFAULT_REGION'),
    endpoint: given('AWS_ENDPOINT_URL_S3') ?? given('AWS_ENDPOINT_URL'),
  };
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { accessKeyId, secretAccessKey, ...set };
}
