import { isVirtualHostable } from '@s3kit/endpoints/host-labels';
import { encodeKey } from '@s3kit/sigv4';
import { invalidArgument } from './errors.ts';
import { S3Facts } from './facts.ts';

/** Where the bucket's name goes: before the host, or into the path. */
export type AddressingStyle = 'auto' | 'path' | 'virtual';

/** A service to talk to, read from the `endpoint`, `tls` and `region` of a connection. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: number;
  /** What stands before every path, without a slash at its end. */
  readonly basePath: string;
  readonly style: AddressingStyle;
}

/** The address of a bucket or an object: all that a request line and a Host header need. */
export interface Address {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: number;
  /** The Host header: with the port unless it is the protocol's own. */
  readonly host: string;
  /** The path on the wire, percent-encoded once. */
  readonly path: string;
}

const defaultPorts = { 'http:': 80, 'https:': 443 } as const;

const endpointPattern =
  /^(?:(https?):\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(\d{1,5}))?(\/[^?#\s]*)?$/i;

/** What an endpoint is read from. */
export interface EndpointSettings {
  readonly endpoint: string | undefined;
  readonly tls: boolean | undefined;
  readonly region: string;
  readonly addressingStyle: AddressingStyle;
}

/**
 * Reads an endpoint: `host`, `host:port`, or a URL, whose scheme then says whether TLS is used.
 *
 * Without an endpoint, the region's own is taken.
 *
 * @throws {TypeError} malformed, or a scheme that contradicts `tls`
 */
export function parseEndpoint({ endpoint, tls, region, addressingStyle }: EndpointSettings): Endpoint {
  const text = endpoint ?? defaultEndpoint(region);
  const match = endpointPattern.exec(text);
  if (match === null) {
    throw invalidArgument(
      `invalid endpoint ${JSON.stringify(text)}: give a host name, host:port, or a URL without query`,
    );
  }
  const [, scheme, hostname = '', portText, basePath = ''] = match;
  if (scheme !== undefined && tls !== undefined && tls !== (scheme.toLowerCase() === 'https')) {
    throw invalidArgument(
      `the endpoint ${JSON.stringify(text)} and tls: ${tls} contradict each other; leave one of them out`,
    );
  }
  const secure = scheme === undefined ? (tls ?? true) : scheme.toLowerCase() === 'https';
  const protocol = secure ? 'https:' : 'http:';
  const port = portText === undefined ? defaultPorts[protocol] : Number(portText);
  if (port < 1 || port > 65_535)
    throw invalidArgument(`invalid endpoint ${JSON.stringify(text)}: a port is 1 to 65535`);
  return {
    protocol,
    hostname: hostname.toLowerCase(),
    port,
    basePath: basePath.replace(/\/+$/, ''),
    style: addressingStyle,
  };
}

/** S3's host for a region: the documented default for us-east-1, the regional one elsewhere. */
function defaultEndpoint(region: string): string {
  if (region === S3Facts.defaultRegion) return S3Facts.defaultEndpoint;
  return region.startsWith('cn-') ? `s3.${region}.amazonaws.com.cn` : `s3.${region}.amazonaws.com`;
}

const amazonHost = /(^|\.)amazonaws\.com(\.cn)?$/;

const regionalHost = /^(s3(?:-fips)?(?:\.dualstack)?)\.[^.]+\.(amazonaws\.com(?:\.cn)?)$/;

/**
 * The endpoint that serves another region: Amazon has one for each, other services have one for all.
 *
 * What asks for FIPS or dual stack stays so; S3's acceleration has one host for all regions.
 */
export function endpointIn(endpoint: Endpoint, region: string): Endpoint {
  const { hostname } = endpoint;
  if (!amazonHost.test(hostname) || hostname.startsWith('s3-accelerate.')) return endpoint;
  const [, service, domain] = regionalHost.exec(hostname) ?? [];
  return {
    ...endpoint,
    hostname:
      service === undefined || service === 's3' ? defaultEndpoint(region) : `${service}.${region}.${domain}`,
  };
}

/** What can be asked of Amazon's hosts. */
export interface AwsOptions {
  readonly dualstack: boolean;
  readonly fips: boolean;
  readonly accelerate: boolean;
}

const standardHost = /^s3(?:[.-](?!accelerate)[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/;

/** Whether an endpoint is S3's own of a region, and not one with a meaning of its own (a VPC's, another service's). */
export function isStandard({ protocol, hostname, port, basePath }: Endpoint): boolean {
  return standardHost.test(hostname) && port === defaultPorts[protocol] && basePath === '';
}

/** ARNs; and directory buckets, their access points, and access points on Outposts, all of which only Amazon has. */
const specialNames = /--(?:xa?|op)-s3$/;

/** Partitions whose hosts have other domains than the two known here. */
const isolated = /^(?:eusc|[a-z]+-iso[a-z]?)-/;

/** Whether the plain rules of this module do not find an address, so that `@s3kit/endpoints` has to. */
export function isSpecial(
  endpoint: Endpoint,
  { dualstack, fips, accelerate }: AwsOptions,
  region: string,
  bucket: string = '',
): boolean {
  if (dualstack || fips || accelerate || bucket.startsWith('arn:')) return true;
  return (
    (amazonHost.test(endpoint.hostname) && specialNames.test(bucket)) ||
    (isStandard(endpoint) && isolated.test(region))
  );
}

/** The address of the service, of a bucket, or of an object. */
export function addressOf(endpoint: Endpoint, bucket?: string, key?: string): Address {
  const virtual = bucket !== undefined && usesVirtualHost(endpoint, bucket);
  const hostname = virtual ? `${bucket}.${endpoint.hostname}` : endpoint.hostname;
  const ownPort = endpoint.port === defaultPorts[endpoint.protocol];
  const bucketPath = bucket === undefined || virtual ? '' : `/${bucket}`;
  const keyPath = key === undefined ? '' : `/${encodeKey(key)}`;
  return {
    protocol: endpoint.protocol,
    hostname,
    port: endpoint.port,
    host: ownPort ? hostname : `${hostname}:${endpoint.port}`,
    path: `${endpoint.basePath}${bucketPath}${keyPath}` || '/',
  };
}

// Amazon asks for virtual-host style; other services are mostly reached by one host name (localhost, an IP address,
// a name without a wildcard record), for which only path style works.
function usesVirtualHost(endpoint: Endpoint, bucket: string): boolean {
  if (endpoint.style === 'path') return false;
  if (endpoint.style === 'virtual') return true;
  return amazonHost.test(endpoint.hostname) && isVirtualHostable(bucket, endpoint.protocol === 'http:');
}
