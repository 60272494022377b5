import { areHostLabels } from './host-labels.ts';
import { type Partition, partitionOf } from './partitions.ts';
import type { EndpointParameters } from './resolve-endpoint.ts';

/** An endpoint that the caller has given. */
interface CustomEndpoint {
  readonly scheme: string;
  /** The host, with the port where one is given. */
  readonly authority: string;
  /** Without a slash at its end. */
  readonly path: string;
  readonly isIp: boolean;
}

/** The parameters, checked and completed. */
export interface Settings {
  readonly custom: CustomEndpoint | undefined;
  /** The region as it was given, without `fips-`. */
  readonly given: string;
  /** The region to sign for. */
  readonly region: string;
  /** Whether the global host is meant. */
  readonly global: boolean;
  readonly partition: Partition;
  readonly fips: boolean;
  readonly dualstack: boolean;
  readonly accelerate: boolean;
  readonly pathStyle: boolean;
  readonly disableSession: boolean;
  readonly arnRegion: boolean;
}

/** Checks what goes together. @throws {TypeError} what does not */
export function checkedSettings(parameters: EndpointParameters): Settings {
  const { endpoint, dualstack = false, accelerate = false } = parameters;
  if (parameters.region === undefined || parameters.region === '')
    throw new TypeError('A region must be set when sending requests to S3.');
  // Names of the time before FIPS was a setting.
  const given = parameters.region.replace(/^fips-|-fips$/g, '');
  const fips = (parameters.fips ?? false) || given !== parameters.region;
  if (accelerate && fips) throw new TypeError('Accelerate cannot be used with FIPS');
  if (endpoint !== undefined) {
    if (dualstack) throw new TypeError('Cannot set dual-stack in combination with a custom endpoint.');
    if (fips) throw new TypeError('A custom endpoint cannot be combined with FIPS');
    if (accelerate) throw new TypeError('A custom endpoint cannot be combined with S3 Accelerate');
  }
  if (!areHostLabels(given)) throw new TypeError('Invalid region: region was not a valid DNS name.');
  const partition = partitionOf(given);
  if (fips && partition.id === 'aws-cn') throw new TypeError('Partition does not support FIPS');
  const global = given === 'aws-global';
  return {
    custom: endpoint === undefined ? undefined : parseCustom(endpoint),
    given,
    region: global ? (partition.globalRegion ?? given) : given,
    global,
    partition,
    fips,
    dualstack,
    accelerate,
    pathStyle: parameters.pathStyle ?? false,
    disableSession: parameters.disableSession ?? false,
    arnRegion: parameters.arnRegion ?? true,
  };
}

function parseCustom(endpoint: string): CustomEndpoint {
  const [, scheme, authority, path = ''] =
    /^(https?):\/\/([a-z\d._-]+(?::\d+)?|\[[\da-f:.]+\](?::\d+)?)(\/[^?#\s]*)?$/i.exec(endpoint) ?? [];
  if (scheme === undefined || authority === undefined)
    throw new TypeError(`Custom endpoint \`${endpoint}\` was not a valid URI`);
  const isIp = authority.startsWith('[') || /^\d+(\.\d+){3}(:\d+)?$/.test(authority);
  return { scheme, authority, path: path.replace(/\/+$/, ''), isIp };
}

/** The URL of a host of AWS, or of what stands before the host that the caller has given. */
export function urlOf(
  { custom }: Settings,
  { labels = '', host, path = '' }: { labels?: string; host: string; path?: string },
): string {
  const before = labels === '' ? '' : `${labels}.`;
  return custom === undefined
    ? `https://${before}${host}${path}`
    : `${custom.scheme}://${before}${custom.authority}${custom.path}${path}`;
}

/** `s3`, `s3-fips.dualstack` and the like: a service's label with what was asked for. */
export function serviceLabels(service: string, { fips, dualstack }: Settings): string {
  return `${service}${fips ? '-fips' : ''}${dualstack ? '.dualstack' : ''}`;
}
