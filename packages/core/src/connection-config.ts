import type { CredentialProvider, Credentials } from '@s3kit/sigv4';
import type { ChecksumSetting } from './checksum-settings.ts';
import { ConfigError } from './config-error.ts';
import { connectionFields, readConnectionFields } from './config-fields.ts';
import type { AddressingStyle } from './endpoint.ts';
import type { ServiceName } from './services.ts';

/** How requests are tried again. */
export interface RetryConfig {
  /**
   * `adaptive` also sends fewer requests in a second once the service has asked for that (`SlowDown`), until it bears more.
   *
   * @default 'standard'
   */
  readonly mode?: 'standard' | 'adaptive' | undefined;
  /** How often a request is tried, the first time included; 0 is without limit. @default 5 */
  readonly limit?: number | undefined;
  /** Seconds to wait between tries after one of `statusCodes`. @default 2.5 */
  readonly interval?: number | undefined;
  /** The HTTP statuses to try again after; 104 is a connection that was reset. @default [104] */
  readonly statusCodes?: readonly number[] | undefined;
}

/** How to reach a service, and as whom: what `s3.yaml` holds. */
export interface S3ConnectionConfig {
  /** The access key's id: the user name of the account. Either this pair is given, or `credentials`. */
  readonly accessKeyId?: string | undefined;
  /** The secret access key: the password of the account. Never shown by any object or message. */
  readonly secretAccessKey?: string | undefined;
  /** The session token that belongs to temporary keys. */
  readonly sessionToken?: string | undefined;
  /**
   * In place of the pair of keys: credentials, a function that gives them, or `anonymous` for requests without a
   * signature. Any credential provider of an AWS SDK is such a function.
   *
   * What a function gives is kept until shortly before it expires, and all requests share one call of it. When S3 says
   * that a token has expired, it is called again, and the request is sent once more.
   */
  readonly credentials?: Credentials | CredentialProvider | 'anonymous' | undefined;
  /** The bucket of remote names that name none. */
  readonly defaultBucket?: string | undefined;
  /** The service, whose settings are then the defaults. @default recognised from the endpoint's host; if it is unknown, as for S3 */
  readonly service?: ServiceName | undefined;
  /** The service's host, `host:port` or URL. @default the service's own, for S3 the one of the region: s3.amazonaws.com for us-east-1 */
  readonly endpoint?: string | undefined;
  /** Whether to use HTTPS. @default true, unless the endpoint is a URL that says otherwise */
  readonly tls?: boolean | undefined;
  /** The region that requests are signed for. @default what the endpoint's host says, or the service's, mostly 'us-east-1' */
  readonly region?: string | undefined;
  /** Whether to ask Amazon's hosts that have IPv6 addresses too. @default false */
  readonly dualstack?: boolean | undefined;
  /** Whether to ask Amazon's hosts with FIPS 140 cryptography. @default false */
  readonly fips?: boolean | undefined;
  /** Whether to reach buckets by S3 Transfer Acceleration, which they must have switched on. @default false */
  readonly accelerate?: boolean | undefined;
  readonly retry?: RetryConfig | undefined;
  /** Where a bucket's name goes. @default 'auto': into the host name on amazonaws.com, into the path elsewhere */
  readonly addressingStyle?: AddressingStyle | undefined;
  /**
   * How objects' contents are checked, on the way to S3 and back. `md5` is for services that know nothing else;
   * `when-required` adds nothing to what S3 demands, and still checks what comes back; `off` checks nothing.
   *
   * @default 'crc32', where the service takes it
   */
  readonly checksum?: ChecksumSetting | undefined;
  /**
   * Whether S3 is asked for the checksum of each object that is read, to compare it. With `when-required` it is not, and what
   * comes is compared only with what S3 tells by itself.
   *
   * @default 'when-supported'
   */
  readonly responseChecksumValidation?: 'when-supported' | 'when-required' | undefined;
  /**
   * Whether objects' contents are part of the signature. `auto`: not over TLS, which protects them, and over plain HTTP they are;
   * `never` halves the cost of an upload over plain HTTP, in a network that can be trusted.
   *
   * @default 'auto'
   */
  readonly payloadSigning?: PayloadSigning | undefined;
  /** The application's name, which the `User-Agent` then carries as `app/...`; a browser sends its own. @default none */
  readonly appId?: string | undefined;
}

/** When objects' contents are part of the signature. */
export type PayloadSigning = 'auto' | 'always' | 'never';

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/** The same keys as they are written in `s3.yaml`. */
type InSnakeCase<T> = { readonly [Name in keyof T as SnakeCase<Name & string>]: T[Name] };

/** A connection's configuration with keys as in `s3.yaml` (`access_key_id`). */
export type S3ConnectionConfigInSnakeCase = Omit<InSnakeCase<S3ConnectionConfig>, 'retry'> & {
  readonly retry?: InSnakeCase<RetryConfig> | RetryConfig | undefined;
};

/** What `new S3Connection(...)` accepts: the keys of `s3.yaml`, or their camel case twins. */
export type S3ConnectionInput = S3ConnectionConfig | S3ConnectionConfigInSnakeCase;

/**
 * Checks a configuration of either spelling, and brings it to camel case.
 *
 * @throws {ConfigError} an unknown key, a value of the wrong type, or a missing key
 */
export function readConnectionConfig(input: unknown): S3ConnectionConfig {
  const result = readConnectionFields(input, connectionFields);
  if ('fields' in result) return toConnectionConfig(result.fields);
  const key = result.path.join('.');
  throw new ConfigError(`${key === '' ? 'the connection' : key} ${result.problem}`, { key });
}

/** The checked fields as a configuration. */
export function toConnectionConfig(fields: Readonly<Record<string, unknown>>): S3ConnectionConfig {
  const { anonymous, ...others } = fields;
  // The table of fields has checked every value's type, and that it is said who signs.
  return (anonymous === true ? { ...others, credentials: 'anonymous' } : others) as S3ConnectionConfig;
}
