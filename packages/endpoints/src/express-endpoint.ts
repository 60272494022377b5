import { isHostLabel } from './host-labels.ts';
import type { ResolvedEndpoint } from './resolved-endpoint.ts';
import { type Settings, serviceLabels, urlOf } from './settings.ts';

/**
 * Whether a name is that of a directory bucket, or of an access point to one.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html}
 */
export function isExpressName(bucket: string): boolean {
  return /--xa?-s3$/.test(bucket);
}

/**
 * The zonal endpoint of a directory bucket.
 *
 * @param control - whether the operation is one of the bucket itself, which no session signs
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-Regions-and-Zones.html}
 */
export function resolveExpress(settings: Settings, bucket: string, control: boolean): ResolvedEndpoint {
  const { custom, region, partition, dualstack, fips } = settings;
  if (settings.accelerate) throw new TypeError('S3Express does not support S3 Accelerate.');
  const session = !settings.disableSession && !control;
  const signing = { name: 's3express', version: 'v4', session, region } as const;
  if (custom?.isIp === true) return { url: urlOf(settings, { host: '', path: `/${bucket}` }), signing };
  if (!isHostLabel(bucket) || bucket.length > 63)
    throw new TypeError('S3Express bucket name is not a valid virtual hostable name.');
  const [, zone] = /^.+--([a-z\d]+(?:-[a-z\d]+)+)--xa?-s3$/.exec(bucket) ?? [];
  if (custom === undefined && zone === undefined)
    throw new TypeError('Unrecognized S3Express bucket name format.');
  const host = `s3express-${fips ? 'fips-' : ''}${zone}${dualstack ? '.dualstack' : ''}.${region}.${partition.dnsSuffix}`;
  return { url: urlOf(settings, { labels: bucket, host }), signing };
}

/** The regional endpoint where directory buckets are made, deleted, configured and listed. */
export function resolveExpressControl(settings: Settings, bucket?: string): ResolvedEndpoint {
  const { region, partition } = settings;
  const host = `${serviceLabels('s3express-control', settings)}.${region}.${partition.dnsSuffix}`;
  const path = bucket === undefined ? '' : `/${bucket}`;
  return {
    url: urlOf(settings, { host, path }),
    signing: { name: 's3express', version: 'v4', session: false, region },
  };
}
