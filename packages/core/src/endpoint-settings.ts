import { type AddressingStyle, amazonHost, defaultPorts, type Endpoint } from './endpoint.ts';
import { invalidArgument } from './errors.ts';
import { S3Facts } from './facts.ts';

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
      `invalid endpoint ${JSON.stringify(text.replace(/\/\/.*@/, '//***@'))}: give a host name, host:port, or a URL without query`,
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

const standardHost = /^s3(?:[.-](?!accelerate)[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/;

/** Whether an endpoint is S3's own of a region, and not one with a meaning of its own (a VPC's, another service's). */
export function isStandard({ protocol, hostname, port, basePath }: Endpoint): boolean {
  return standardHost.test(hostname) && port === defaultPorts[protocol] && basePath === '';
}
