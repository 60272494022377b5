import process from 'node:process';
import { CredentialsError } from './credentials-error.ts';
import { endpointUrl, profileSource } from './endpoint-url.ts';
import { type Environment, variable } from './environment.ts';
import { nestedProperties } from './parse-shared-config.ts';
import { proxySettings } from './proxy-agents.ts';
import {
  loadSharedConfig,
  type SharedConfig,
  type SharedConfigOptions,
  selectedProfile,
} from './shared-config.ts';

/** A value, and where it was found: a variable's name, or a profile and its file. */
export interface Setting<T> {
  readonly value: T;
  readonly source: string;
}

/** How requests are tried again. */
export type RetryMode = 'legacy' | 'standard' | 'adaptive';

/** Whether checksums go with whatever can have one, or only with what must. */
export type ChecksumMode = 'when_supported' | 'when_required';

/** The values that environment and profile can set. */
interface SettingValues {
  /** `AWS_REGION`, `AWS_DEFAULT_REGION`, `region`. */
  readonly region: string;
  /** `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, a `services` section, `endpoint_url`. */
  readonly endpointUrl: string;
  /** `addressing_style` under `s3 =`. */
  readonly addressingStyle: 'auto' | 'path' | 'virtual';
  /** `AWS_USE_DUALSTACK_ENDPOINT`, `use_dualstack_endpoint`, also under `s3 =`. */
  readonly useDualstackEndpoint: boolean;
  /** `AWS_USE_FIPS_ENDPOINT`, `use_fips_endpoint`. */
  readonly useFipsEndpoint: boolean;
  /** `use_accelerate_endpoint` under `s3 =`. */
  readonly useAccelerateEndpoint: boolean;
  /** `payload_signing_enabled` under `s3 =`. */
  readonly payloadSigningEnabled: boolean;
  /** The path of a PEM file: `AWS_CA_BUNDLE`, `ca_bundle`. */
  readonly caBundle: string;
  /** Tries, the first included: `AWS_MAX_ATTEMPTS`, `max_attempts`. */
  readonly maxAttempts: number;
  /** `AWS_RETRY_MODE`, `retry_mode`. */
  readonly retryMode: RetryMode;
  /** `AWS_REQUEST_CHECKSUM_CALCULATION`, `request_checksum_calculation`. */
  readonly requestChecksumCalculation: ChecksumMode;
  /** `AWS_RESPONSE_CHECKSUM_VALIDATION`, `response_checksum_validation`. */
  readonly responseChecksumValidation: ChecksumMode;
  /** `max_concurrent_requests` under `s3 =`. */
  readonly maxConcurrentRequests: number;
  /** Bytes: `multipart_threshold` under `s3 =`. */
  readonly multipartThreshold: number;
  /** Bytes: `multipart_chunksize` under `s3 =`. */
  readonly multipartChunksize: number;
  /** `AWS_S3_US_EAST_1_REGIONAL_ENDPOINT`, `s3_us_east_1_regional_endpoint`. */
  readonly usEast1RegionalEndpoint: 'legacy' | 'regional';
  /** `AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS`, `s3_disable_multiregion_access_points`. */
  readonly disableMultiregionAccessPoints: boolean;
  /** `AWS_S3_USE_ARN_REGION`, `s3_use_arn_region`. */
  readonly useArnRegion: boolean;
  /** `AWS_EC2_METADATA_DISABLED`. */
  readonly ec2MetadataDisabled: boolean;
  /** `HTTP_PROXY` or `ALL_PROXY`, without its password. */
  readonly httpProxy: string;
  /** `HTTPS_PROXY` or `ALL_PROXY`, without its password. */
  readonly httpsProxy: string;
  /** `NO_PROXY`. */
  readonly noProxy: string;
}

/** What environment and profile say beside keys; what they do not say is not there. */
export type AwsSettings = {
  readonly [Name in keyof SettingValues]?: Setting<SettingValues[Name]>;
} & {
  /** The profile that was read. */
  readonly profile: string;
};

type SettingName = Exclude<keyof SettingValues, 'endpointUrl' | 'httpProxy' | 'httpsProxy' | 'noProxy'>;

/** Reads a text; undefined where it is not what it should be. */
interface Kind<T> {
  readonly means: string;
  readonly read: (text: string) => T | undefined;
}

const text: Kind<string> = { means: 'a text', read: (given) => given };
const yesOrNo: Kind<boolean> = {
  means: 'true or false',
  read: (given) => ({ true: true, false: false })[given.toLowerCase()],
};
const count: Kind<number> = {
  means: 'a whole number, 1 or more',
  read: (given) => (/^[1-9]\d{0,14}$/.test(given) ? Number(given) : undefined),
};

// As the AWS command line counts: a KB has 1,024 bytes.
const units: Readonly<Record<string, number>> = { '': 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40 };
const size: Kind<number> = {
  means: 'a number of bytes, such as 8388608 or 8MB',
  read(given) {
    const [, digits = '', unit = ''] = /^([1-9]\d{0,12})\s*([kmgt]i?b)?$/i.exec(given) ?? [];
    const bytes = Number(digits) * (units[unit.toLowerCase().replace('i', '')] ?? 0);
    return bytes > 0 ? bytes : undefined;
  },
};

function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    means: values.join(' or '),
    read: (given) => values.find((value) => value === given.toLowerCase()),
  };
}

/** Where a setting may stand, the first place that has it counting. */
interface Places<T> {
  readonly kind: Kind<T>;
  readonly variables?: readonly string[];
  readonly property?: string;
  /** The property in the block `s3 =`. */
  readonly s3?: string;
}

const table: { readonly [Name in SettingName]: Places<SettingValues[Name]> } = {
  region: { kind: text, variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'], property: 'region' },
  addressingStyle: { kind: oneOf('auto', 'path', 'virtual'), s3: 'addressing_style' },
  useDualstackEndpoint: {
    kind: yesOrNo,
    variables: ['AWS_USE_DUALSTACK_ENDPOINT'],
    property: 'use_dualstack_endpoint',
    s3: 'use_dualstack_endpoint',
  },
  useFipsEndpoint: { kind: yesOrNo, variables: ['AWS_USE_FIPS_ENDPOINT'], property: 'use_fips_endpoint' },
  useAccelerateEndpoint: { kind: yesOrNo, s3: 'use_accelerate_endpoint' },
  payloadSigningEnabled: { kind: yesOrNo, s3: 'payload_signing_enabled' },
  caBundle: { kind: text, variables: ['AWS_CA_BUNDLE'], property: 'ca_bundle' },
  maxAttempts: { kind: count, variables: ['AWS_MAX_ATTEMPTS'], property: 'max_attempts' },
  retryMode: {
    kind: oneOf('legacy', 'standard', 'adaptive'),
    variables: ['AWS_RETRY_MODE'],
    property: 'retry_mode',
  },
  requestChecksumCalculation: {
    kind: oneOf('when_supported', 'when_required'),
    variables: ['AWS_REQUEST_CHECKSUM_CALCULATION'],
    property: 'request_checksum_calculation',
  },
  responseChecksumValidation: {
    kind: oneOf('when_supported', 'when_required'),
    variables: ['AWS_RESPONSE_CHECKSUM_VALIDATION'],
    property: 'response_checksum_validation',
  },
  maxConcurrentRequests: { kind: count, s3: 'max_concurrent_requests' },
  multipartThreshold: { kind: size, s3: 'multipart_threshold' },
  multipartChunksize: { kind: size, s3: 'multipart_chunksize' },
  usEast1RegionalEndpoint: {
    kind: oneOf('legacy', 'regional'),
    variables: ['AWS_S3_US_EAST_1_REGIONAL_ENDPOINT'],
    property: 's3_us_east_1_regional_endpoint',
  },
  disableMultiregionAccessPoints: {
    kind: yesOrNo,
    variables: ['AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS'],
    property: 's3_disable_multiregion_access_points',
  },
  useArnRegion: { kind: yesOrNo, variables: ['AWS_S3_USE_ARN_REGION'], property: 's3_use_arn_region' },
  ec2MetadataDisabled: { kind: yesOrNo, variables: ['AWS_EC2_METADATA_DISABLED'] },
};

/**
 * What environment and profile say beside keys: region, endpoint, retries, checksums, proxies. Variables come before
 * files, as AWS documents it.
 *
 * @throws {CredentialsError} a file or a value that cannot be understood, or a named profile that is not there
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html}
 * @example
 * const { region } = await loadSettings({ profile: 'dev' });
 * console.log(region?.value, 'from', region?.source);
 */
export async function loadSettings(options: SharedConfigOptions = {}): Promise<AwsSettings> {
  return settingsOf(options.environment ?? process.env, await loadSharedConfig(options));
}

/** The settings of an environment and of files that have been read. */
export function settingsOf(environment: Environment, config: SharedConfig): AwsSettings {
  const profile = selectedProfile(config);
  const s3 = nestedProperties(profile['s3']);
  const places = ({ variables = [], property, s3: nested }: Places<unknown>): Setting<string> | undefined => {
    for (const name of variables) {
      const value = variable(environment, name);
      if (value !== undefined) return { value, source: name };
    }
    const value = (property && profile[property]) || (nested && s3[nested]);
    return value ? { value, source: profileSource(config) } : undefined;
  };
  const settings: Record<string, Setting<unknown> | undefined> = {};
  for (const [name, row] of Object.entries(table)) {
    const given = places(row);
    if (given !== undefined) settings[name] = { ...given, value: read(row, given) };
  }
  settings['endpointUrl'] = endpointUrl('s3', environment, config);
  Object.assign(settings, proxies(environment));
  for (const [name, setting] of Object.entries(settings)) if (setting === undefined) delete settings[name];
  // The table's type ties each name to the kind of its value.
  return { ...settings, profile: config.profile } as AwsSettings;
}

function read(
  { kind, property, s3, variables }: Places<unknown>,
  { value, source }: Setting<string>,
): unknown {
  const result = kind.read(value);
  if (result !== undefined) return result;
  const name = variables?.includes(source) ? source : `${property ?? s3} of ${source}`;
  throw new CredentialsError(`${name} must be ${kind.means}, not ${JSON.stringify(value)}`);
}

function proxies(environment: Environment): Record<string, Setting<string>> {
  const { http, https, noProxy } = proxySettings(environment);
  const shown = (url: URL): string => `${url.protocol}//${url.username === '' ? '' : '***@'}${url.host}`;
  return {
    ...(http && { httpProxy: { value: shown(http), source: 'HTTP_PROXY or ALL_PROXY' } }),
    ...(https && { httpsProxy: { value: shown(https), source: 'HTTPS_PROXY or ALL_PROXY' } }),
    ...(noProxy && { noProxy: { value: noProxy, source: 'NO_PROXY' } }),
  };
}
