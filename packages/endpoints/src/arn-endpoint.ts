import type { Arn } from './arn.ts';
import { areHostLabels, isHostLabel } from './host-labels.ts';
import { outpostsSigning } from './outposts-alias.ts';
import { partitionOf } from './partitions.ts';
import type { EndpointParameters } from './resolve-endpoint.ts';
import type { ResolvedEndpoint } from './resolved-endpoint.ts';
import { type Settings, serviceLabels, urlOf } from './settings.ts';

/**
 * The endpoint of what an ARN names: an access point, one on an Outpost, one of S3 Object Lambda, or one of many regions.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html}
 */
export function resolveArn(
  settings: Settings,
  arn: Arn,
  text: string,
  parameters: EndpointParameters,
): ResolvedEndpoint {
  const { service, resource } = arn;
  const [type = ''] = resource;
  if (type === '') throw new TypeError('Invalid ARN: No ARN type specified');
  if (service === 's3-object-lambda') {
    if (type !== 'accesspoint')
      throw new TypeError(
        `Invalid ARN: Object Lambda ARNs only support \`accesspoint\` arn types, but found: \`${type}\``,
      );
    return resolveAccessPoint(settings, arn, text, parameters, objectLambda);
  }
  if (service === 's3' && type === 'accesspoint') {
    return arn.region === ''
      ? resolveMultiRegion(settings, arn, parameters)
      : resolveAccessPoint(settings, arn, text, parameters, accessPoint);
  }
  if (service === 's3-outposts') return resolveOutpost(settings, arn, text);
  throw new TypeError(`Invalid ARN: Unrecognized format: ${text} (type: ${type})`);
}

/** What an access point's kind has of its own. */
interface AccessPointKind {
  /** For messages. */
  readonly title: string;
  readonly label: string;
  readonly signing: 's3' | 's3-object-lambda';
  readonly dualstack: boolean;
}

const accessPoint: AccessPointKind = {
  title: 'Access Points',
  label: 's3-accesspoint',
  signing: 's3',
  dualstack: true,
};
const objectLambda: AccessPointKind = {
  title: 'S3 Object Lambda',
  label: 's3-object-lambda',
  signing: 's3-object-lambda',
  dualstack: false,
};

function resolveAccessPoint(
  settings: Settings,
  { resource, region, account }: Arn,
  text: string,
  { disableAccessPoints }: EndpointParameters,
  kind: AccessPointKind,
): ResolvedEndpoint {
  if (settings.dualstack && !kind.dualstack) throw new TypeError(`${kind.title} does not support Dual-stack`);
  if (settings.accelerate)
    throw new TypeError(`${kind.title} ${kind.signing === 's3' ? 'do' : 'does'} not support S3 Accelerate`);
  const [, name = '', ...more] = resource;
  if (name === '')
    throw new TypeError(
      'Invalid ARN: Expected a resource of the format `accesspoint:<accesspoint name>` but no name was provided',
    );
  if (disableAccessPoints === true) throw new TypeError('Access points are not supported for this operation');
  if (more.length > 0)
    throw new TypeError(
      'Invalid ARN: The ARN may only contain a single resource component after `accesspoint`.',
    );
  checkRegion(settings, region, text);
  checkAccount(account);
  checkAccessPointName(name);
  const { dnsSuffix } = partitionOf(region);
  return {
    url: urlOf(settings, {
      labels: `${name}-${account}`,
      host: `${serviceLabels(kind.label, settings)}.${region}.${dnsSuffix}`,
    }),
    signing: { name: kind.signing, version: 'v4', session: false, region },
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html} */
function resolveMultiRegion(
  settings: Settings,
  { resource, partition }: Arn,
  { disableMultiRegionAccessPoints, disableAccessPoints }: EndpointParameters,
): ResolvedEndpoint {
  const [, alias = '', ...more] = resource;
  if (disableAccessPoints === true) throw new TypeError('Access points are not supported for this operation');
  if (more.length > 0)
    throw new TypeError(
      'Invalid ARN: The ARN may only contain a single resource component after `accesspoint`.',
    );
  if (!areHostLabels(alias)) throw new TypeError(`Invalid Access Point Name: \`${alias}\``);
  if (settings.dualstack) throw new TypeError('S3 MRAP does not support dual-stack');
  if (settings.fips) throw new TypeError('S3 MRAP does not support FIPS');
  if (settings.accelerate) throw new TypeError('S3 MRAP does not support S3 Accelerate');
  if (disableMultiRegionAccessPoints === true)
    throw new TypeError('Invalid configuration: Multi-Region Access Point ARNs are disabled.');
  if (partition !== settings.partition.id)
    throw new TypeError(
      `Client was configured for partition \`${settings.partition.id}\` but bucket referred to partition \`${partition}\``,
    );
  return {
    url: urlOf(
      { ...settings, custom: undefined },
      {
        labels: alias,
        host: `accesspoint.s3-global.${settings.partition.dnsSuffix}`,
      },
    ),
    signing: { name: 's3', version: 'v4a', session: false, regionSet: ['*'] },
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/s3-outposts/S3OutpostsUsing.html} */
function resolveOutpost(
  settings: Settings,
  { resource, region, account }: Arn,
  text: string,
): ResolvedEndpoint {
  if (settings.dualstack) throw new TypeError('S3 Outposts does not support Dual-stack');
  if (settings.fips) throw new TypeError('S3 Outposts does not support FIPS');
  if (settings.accelerate) throw new TypeError('S3 Outposts does not support S3 Accelerate');
  const [type, outpost = '', kind, name = '', ...more] = resource;
  if (more.length > 0) throw new TypeError('Invalid Arn: Outpost Access Point ARN contains sub resources');
  if (type !== 'outpost' || !isHostLabel(outpost))
    throw new TypeError('Invalid ARN: The outpost Id must be given, with only a-z, A-Z, 0-9 and `-`');
  checkRegion(settings, region, text);
  checkAccount(account);
  if (kind === undefined) throw new TypeError('Invalid ARN: Expected a 4-component resource');
  if (name === '') throw new TypeError('Invalid ARN: expected an access point name');
  if (kind !== 'accesspoint') throw new TypeError(`Expected an outpost type \`accesspoint\`, found ${kind}`);
  checkAccessPointName(name);
  return {
    url: urlOf(settings, {
      labels: `${name}-${account}.${outpost}`,
      host: `s3-outposts.${region}.${partitionOf(region).dnsSuffix}`,
    }),
    signing: outpostsSigning(region),
  };
}

function checkRegion({ arnRegion, given, partition }: Settings, region: string, text: string): void {
  if (!arnRegion && region !== given)
    throw new TypeError(
      `Invalid configuration: region from ARN \`${region}\` does not match client region \`${given}\` and UseArnRegion is \`false\``,
    );
  if (!areHostLabels(region)) throw new TypeError(`Invalid region in ARN: \`${region}\` (invalid DNS name)`);
  const { id } = partitionOf(region);
  if (id !== partition.id)
    throw new TypeError(
      `Client was configured for partition \`${partition.id}\` but ARN (\`${text}\`) has \`${id}\``,
    );
}

function checkAccount(account: string): void {
  if (account === '') throw new TypeError('Invalid ARN: Missing account id');
  if (!isHostLabel(account))
    throw new TypeError(
      `Invalid ARN: The account id may only contain a-z, A-Z, 0-9 and \`-\`. Found: \`${account}\``,
    );
}

function checkAccessPointName(name: string): void {
  if (!isHostLabel(name))
    throw new TypeError(
      `Invalid ARN: The access point name may only contain a-z, A-Z, 0-9 and \`-\`. Found: \`${name}\``,
    );
}
