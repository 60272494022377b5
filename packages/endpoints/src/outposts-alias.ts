import { isHostLabel } from './host-labels.ts';
import type { ResolvedEndpoint, Signing } from './resolved-endpoint.ts';
import { type Settings, urlOf } from './settings.ts';

/** Whether a name is the alias of an access point on an Outpost. */
export function isOutpostsAlias(bucket: string): boolean {
  return bucket.endsWith('--op-s3');
}

/** How S3 on Outposts is signed for: in all regions at once, or in one. */
export function outpostsSigning(region: string): Signing {
  return { name: 's3-outposts', version: 'v4a', session: false, regionSet: ['*'], region };
}

/**
 * The endpoint of an access point's alias on an Outpost.
 *
 * Its last 43 characters before the suffix say what hardware it is on (`o` a rack, `e` a server on EC2's network), which one, and
 * where that is.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/s3-outposts/s3-outposts-access-points-alias.html}
 */
export function resolveOutpostsAlias(settings: Settings, bucket: string): ResolvedEndpoint {
  const { custom, region, partition } = settings;
  if (!isHostLabel(bucket))
    throw new TypeError('Invalid Outposts Bucket alias - it must be a valid bucket name.');
  const hardware = bucket.at(-50);
  if (hardware !== 'o' && hardware !== 'e')
    throw new TypeError(`Unrecognized hardware type: "Expected hardware type o or e but got ${hardware}"`);
  if (custom === undefined && bucket.slice(-12, -8) === 'beta')
    throw new TypeError('Expected a endpoint to be specified but no endpoint was found');
  const outpost = hardware === 'e' ? 'ec2' : `op-${bucket.slice(-49, -32)}`;
  return {
    url: urlOf(settings, {
      labels: `${bucket}.${outpost}`,
      host: `s3-outposts.${region}.${partition.dnsSuffix}`,
    }),
    signing: outpostsSigning(region),
  };
}
