import type { Credentials } from '@s3kit/sigv4';
import { CredentialsError } from './credentials-error.ts';
import { type Environment, variable } from './environment.ts';

/**
 * The keys that stand in the environment; undefined where there are none.
 *
 * @throws {CredentialsError} one of the two is there without the other
 */
export function environmentKeys(environment: Environment): Credentials | undefined {
  const accessKeyId = variable(environment, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable(environment, 'AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (secretAccessKey === undefined)
    throw new CredentialsError('AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not');
  if (accessKeyId === undefined)
    throw new CredentialsError('AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not');
  const sessionToken = variable(environment, 'AWS_SESSION_TOKEN');
  const accountId = variable(environment, 'AWS_ACCOUNT_ID');
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(accountId && { accountId }),
  };
}
