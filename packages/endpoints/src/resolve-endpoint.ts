import { parseArn } from './arn.ts';
import { resolveArn } from './arn-endpoint.ts';
import { isExpressName, resolveExpress, resolveExpressControl } from './express-endpoint.ts';
import { isVirtualHostable } from './host-labels.ts';
import { isOutpostsAlias, resolveOutpostsAlias } from './outposts-alias.ts';
import type { ResolvedEndpoint } from './resolved-endpoint.ts';
import { checkedSettings, type Settings, serviceLabels, urlOf } from './settings.ts';

/** What an endpoint is found from. */
export interface EndpointParameters {
  /** The region of the client; `aws-global` for us-east-1 by the global host. Required. */
  readonly region?: string;
  /** A bucket's name, an alias or an ARN of an access point; none for the service itself. */
  readonly bucket?: string;
  /** A URL to use instead of AWS's hosts, with a port and a path if need be. */
  readonly endpoint?: string;
  /** Whether hosts are asked that have IPv6 addresses too. @default false */
  readonly dualstack?: boolean;
  /** Whether hosts with FIPS 140 cryptography are asked. @default false */
  readonly fips?: boolean;
  /** Whether buckets are reached by S3 Transfer Acceleration. @default false */
  readonly accelerate?: boolean;
  /** Whether the bucket always goes into the path. @default false: where its name cannot stand before the host */
  readonly pathStyle?: boolean;
  /** Whether an ARN's region may differ from the client's. @default true */
  readonly arnRegion?: boolean;
  /** Whether access points are refused, for operations that do not work with them. @default false */
  readonly disableAccessPoints?: boolean;
  /** Whether Multi-Region Access Points are refused. @default false */
  readonly disableMultiRegionAccessPoints?: boolean;
  /** Whether S3 Express is used without sessions, each request signed with the account's own keys. @default false */
  readonly disableSession?: boolean;
  /** Whether the operation makes, deletes or configures S3 Express buckets, which another host does. @default false */
  readonly expressControl?: boolean;
  /** Whether the operation is WriteGetObjectResponse, which S3 Object Lambda's own host takes. @default false */
  readonly objectLambda?: boolean;
}

/**
 * Where a bucket is, and how requests to it are signed, by the rules of the AWS SDKs.
 *
 * Reads nothing but its parameters, and asks nobody.
 *
 * @throws {TypeError} the parameters do not go together, or a name or an ARN is malformed
 * @see {@link https://docs.aws.amazon.com/general/latest/gr/s3.html}
 * @example
 * const bucket = 'arn:aws:s3:us-west-2:123456789012:accesspoint:reports';
 * resolveEndpoint({ region: 'us-west-2', bucket }).url;
 * // https://reports-123456789012.s3-accesspoint.us-west-2.amazonaws.com
 */
export function resolveEndpoint(parameters: EndpointParameters): ResolvedEndpoint {
  const settings = checkedSettings(parameters);
  const { bucket } = parameters;
  if (bucket === undefined) return resolveService(parameters, settings);
  if (isExpressName(bucket)) {
    return parameters.expressControl === true && settings.custom === undefined
      ? resolveExpressControl(settings, bucket)
      : resolveExpress(settings, bucket, parameters.expressControl ?? false);
  }
  if (isOutpostsAlias(bucket)) return resolveOutpostsAlias(settings, bucket);
  if (bucket.startsWith('arn:')) {
    if (settings.pathStyle) throw new TypeError('Path-style addressing cannot be used with ARN buckets');
    const arn = parseArn(bucket);
    if (arn === undefined) throw new TypeError(`Invalid ARN: \`${bucket}\` was not a valid ARN`);
    return resolveArn(settings, arn, bucket, parameters);
  }
  return resolveBucket(settings, bucket);
}

function resolveService(
  { objectLambda, expressControl }: EndpointParameters,
  settings: Settings,
): ResolvedEndpoint {
  const { region, partition, dualstack } = settings;
  if (objectLambda === true) {
    if (dualstack) throw new TypeError('S3 Object Lambda does not support Dual-stack');
    const host = `${serviceLabels('s3-object-lambda', settings)}.${region}.${partition.dnsSuffix}`;
    return {
      url: urlOf(settings, { host }),
      signing: { name: 's3-object-lambda', version: 'v4', session: false, region },
    };
  }
  if (expressControl === true) return resolveExpressControl(settings);
  return { url: urlOf(settings, { host: regionalHost(settings) }), signing: s3Signing(settings) };
}

function resolveBucket(settings: Settings, bucket: string): ResolvedEndpoint {
  const { custom, accelerate, pathStyle } = settings;
  if (accelerate) {
    if (pathStyle) throw new TypeError('Path-style addressing cannot be used with S3 Accelerate');
    if (settings.partition.id === 'aws-cn')
      throw new TypeError('S3 Accelerate cannot be used in this region');
  }
  const hostable = isVirtualHostable(bucket, custom?.scheme === 'http');
  const signing = s3Signing(settings);
  if (pathStyle || custom?.isIp === true || !hostable) {
    if (accelerate) throw new TypeError(`S3 Accelerate cannot be used with the bucket name \`${bucket}\``);
    return {
      url: urlOf(settings, { host: regionalHost(settings), path: `/${encodeName(bucket)}` }),
      signing,
    };
  }
  const host = accelerate ? accelerateHost(settings) : regionalHost(settings);
  return { url: urlOf(settings, { labels: bucket, host }), signing };
}

function s3Signing({ region }: Settings): ResolvedEndpoint['signing'] {
  return { name: 's3', version: 'v4', session: false, region };
}

function regionalHost(settings: Settings): string {
  const { fips, dualstack, global, region, partition } = settings;
  if (global && !fips && !dualstack) return `s3.${partition.dnsSuffix}`;
  return `${serviceLabels('s3', settings)}.${region}.${partition.dnsSuffix}`;
}

// The rules of the SDKs name the region in one case only.
function accelerateHost({ dualstack, global, region, partition }: Settings): string {
  const where = dualstack ? `.dualstack${global ? `.${region}` : ''}` : '';
  return `s3-accelerate${where}.${partition.dnsSuffix}`;
}

/** A bucket's name in a path: what no bucket of S3 has in its name is encoded. */
function encodeName(bucket: string): string {
  return encodeURIComponent(bucket).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
