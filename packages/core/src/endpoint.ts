import { isVirtualHostable } from '@s3kit/endpoints/host-labels';
import { encodeKey } from '@s3kit/sigv4';

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

export const defaultPorts: Readonly<Record<Endpoint['protocol'], number>> = { 'http:': 80, 'https:': 443 };

export const amazonHost: RegExp = /(^|\.)amazonaws\.com(\.cn)?$/;

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

/** @throws {TypeError} it is no URL */
export function endpointOf(url: string, style: AddressingStyle): Endpoint {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError(`${url} is neither https nor http`);
  return {
    protocol,
    hostname,
    port: Number(port) || defaultPorts[protocol],
    basePath: pathname.replace(/\/+$/, ''),
    style,
  };
}
