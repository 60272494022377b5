import process from 'node:process';
import type { CredentialProvider } from '@s3kit/sigv4';
import { type CredentialsOptions, defaultCredentials } from './default-credentials.ts';
import { type HttpAgents, proxyAgents } from './proxy-agents.ts';
import { type AwsSettings, loadSettings } from './settings.ts';
import { certificateAuthorities } from './trust.ts';

// Bytes: S3 refuses smaller parts.
const smallestPart = 5 * 1024 * 1024;

/** What `connectionConfig` takes. */
export interface ConnectionConfigOptions extends CredentialsOptions {
  /** Who signs. @default defaultCredentials(options) */
  readonly credentials?: CredentialProvider | 'anonymous' | undefined;
}

/** The two arguments of `new S3Connection(config, runtime)`. */
export interface ConnectionConfig {
  readonly config: {
    readonly credentials: CredentialProvider | 'anonymous';
    readonly region?: string;
    readonly endpoint?: string;
    readonly addressingStyle?: 'auto' | 'path' | 'virtual';
    readonly checksum?: 'when-required';
    readonly responseChecksumValidation?: 'when-required';
    readonly payloadSigning?: 'always';
    readonly retry?: { readonly limit?: number; readonly mode?: 'adaptive' };
  };
  readonly runtime: Partial<HttpAgents> & {
    readonly certificateAuthorities?: string;
    readonly partConcurrency?: number;
    readonly partSize?: number;
    readonly limits?: { readonly multipartThreshold: number };
  };
}

/**
 * A connection's configuration from environment and profile: region, endpoint, addressing, checksums, retries, proxies,
 * trusted authorities, and the standard chain of credentials.
 *
 * @throws {CredentialsError} settings that cannot be understood; credentials are not looked for before the first request
 * @example
 * const { config, runtime } = await connectionConfig({ profile: 'dev' });
 * const storage = new Storage(new S3Connection({ ...config, defaultBucket: 'photos' }, runtime));
 */
export async function connectionConfig(options: ConnectionConfigOptions = {}): Promise<ConnectionConfig> {
  const settings = await loadSettings(options);
  const authorities = await certificateAuthorities(settings);
  const agents = await proxyAgents({
    environment: options.environment ?? process.env,
    certificateAuthorities: authorities,
  });
  const { region, addressingStyle, maxAttempts, maxConcurrentRequests } = settings;
  const { requestChecksumCalculation, responseChecksumValidation, payloadSigningEnabled } = settings;
  const { multipartChunksize, multipartThreshold } = settings;
  // The older mode, `legacy`, is what `standard` has taken the place of.
  const isAdaptive = settings.retryMode?.value === 'adaptive';
  const endpoint = settings.endpointUrl?.value ?? awsEndpoint(settings);
  return {
    config: {
      credentials: options.credentials ?? defaultCredentials(options),
      ...(region && { region: region.value }),
      ...(endpoint !== undefined && { endpoint }),
      ...(addressingStyle && { addressingStyle: addressingStyle.value }),
      ...(requestChecksumCalculation?.value === 'when_required' && { checksum: 'when-required' }),
      ...(responseChecksumValidation?.value === 'when_required' && {
        responseChecksumValidation: 'when-required',
      }),
      ...(payloadSigningEnabled?.value && { payloadSigning: 'always' }),
      ...((maxAttempts || isAdaptive) && {
        retry: { ...(maxAttempts && { limit: maxAttempts.value }), ...(isAdaptive && { mode: 'adaptive' }) },
      }),
    },
    runtime: {
      ...agents,
      ...(authorities !== undefined && { certificateAuthorities: authorities }),
      ...(maxConcurrentRequests && { partConcurrency: maxConcurrentRequests.value }),
      // The AWS CLI too takes a size below S3's least for that.
      ...(multipartChunksize && { partSize: Math.max(multipartChunksize.value, smallestPart) }),
      ...(multipartThreshold && { limits: { multipartThreshold: multipartThreshold.value } }),
    },
  };
}

/**
 * The host for dual stack, FIPS or acceleration; undefined where the region's own will do.
 *
 * @see {@link https://docs.aws.amazon.com/general/latest/gr/s3.html}
 */
function awsEndpoint(settings: AwsSettings): string | undefined {
  const { region, useDualstackEndpoint, useFipsEndpoint, useAccelerateEndpoint } = settings;
  const name = region?.value ?? 'us-east-1';
  const domain = name.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const dualstack = useDualstackEndpoint?.value ? '.dualstack' : '';
  if (useAccelerateEndpoint?.value) return `s3-accelerate${dualstack}.${domain}`;
  if (useFipsEndpoint?.value) return `s3-fips${dualstack}.${name}.${domain}`;
  if (dualstack !== '') return `s3${dualstack}.${name}.${domain}`;
  const regional = settings.usEast1RegionalEndpoint?.value === 'regional' && name === 'us-east-1';
  return regional ? `s3.${name}.${domain}` : undefined;
}
