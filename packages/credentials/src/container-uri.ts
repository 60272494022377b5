import { CredentialsError } from './credentials-error.ts';
import { type Environment, variable } from './environment.ts';

const containerHost = 'http://169.254.170.2';
const plainHosts = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', '[::1]', 'localhost'];

/**
 * Where a container's credentials are asked for; undefined outside of ECS, EKS and their like.
 *
 * @throws {CredentialsError} a URI that is none, or that would carry keys over an open network
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html}
 */
export function containerUri(environment: Environment): URL | undefined {
  const relative = variable(environment, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  const full = variable(environment, 'AWS_CONTAINER_CREDENTIALS_FULL_URI');
  if (relative === undefined && full === undefined) return undefined;
  const name = `AWS_CONTAINER_CREDENTIALS_${relative === undefined ? 'FULL' : 'RELATIVE'}_URI`;
  const text = relative === undefined ? full : relative.startsWith('/') ? containerHost + relative : '';
  if (text === undefined || !URL.canParse(text))
    throw new CredentialsError(`${name} must be ${relative === undefined ? 'a URL' : 'a path'}`);
  const url = new URL(text);
  const isSafe =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && (plainHosts.includes(url.hostname) || /^127(\.\d+){3}$/.test(url.hostname)));
  if (!isSafe)
    throw new CredentialsError(`${name} must be an https URL, or one of this machine or its container agent`);
  return url;
}
