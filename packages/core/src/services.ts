import type { ChecksumSetting } from './checksum-settings.ts';
import type { AddressingStyle } from './endpoint.ts';
import { invalidArgument } from './errors.ts';
import { S3Facts } from './facts.ts';
import type { S3Limits } from './limits.ts';

/** The services that s3kit knows by name. */
export const serviceNames = [
  'aws',
  'r2',
  'b2',
  'gcs',
  'minio',
  'ceph',
  'wasabi',
  'spaces',
  'tigris',
  'garage',
  'seaweedfs',
] as const;

/** A service by its name: Amazon S3, Cloudflare R2, Backblaze B2, Google Cloud Storage and so on. */
export type ServiceName = (typeof serviceNames)[number];

/** What a service wants where nobody says otherwise. */
export interface ServicePreset {
  /** The host that is asked where the connection names none; `{region}` stands for the region. */
  readonly endpoint?: string;
  /** The region to sign for, unless the host tells; undefined where one must be given. */
  readonly region?: string;
  /** Where a bucket's name goes. */
  readonly addressingStyle: AddressingStyle;
  /** How objects' contents are checked. */
  readonly checksum: ChecksumSetting;
  /** Whether all parts of an object must have the same size, the last one excepted. @default false */
  readonly equalParts?: boolean | undefined;
  /** Whether a checksum may stand behind the content, so that a file need not be read for it first. @default false */
  readonly trailers?: boolean | undefined;
  /** Where its limits are not S3's. */
  readonly limits: Partial<S3Limits>;
}

/** What a connection has found out about its service. */
export interface S3Service extends Omit<ServicePreset, 'endpoint'> {
  /** Undefined where the service is none of those that are known. */
  readonly name: ServiceName | undefined;
  /** The host, `host:port` or URL to ask. */
  readonly endpoint: string | undefined;
  readonly region: string;
}

const GB = 1e9;
const TB = 1e12;
const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const TiB = 1024 ** 4;

/** What a service that is not known gets: as S3, with path-style addresses. */
const neutral: ServicePreset = {
  region: S3Facts.defaultRegion,
  addressingStyle: 'auto',
  checksum: 'crc32',

  limits: {},
};

function largest(object: number, part: number): Partial<S3Limits> {
  return { maximumFileSize: object, maximumPartSize: part, maximumCopySize: part };
}

// The sources of each row are in docs/services.md. Where nothing is documented, the careful value stands: Content-MD5, which
// every service has always checked, and the smaller limit.
const presets: Readonly<Record<ServiceName, ServicePreset>> = {
  aws: { ...neutral, trailers: true },
  // https://developers.cloudflare.com/r2/objects/multipart-objects/ and /r2/platform/limits/
  r2: { ...neutral, region: 'auto', equalParts: true, limits: largest(5 * TiB - 5 * GiB, 5 * GiB - 5 * MiB) },
  // https://www.backblaze.com/docs/cloud-storage-use-the-aws-sdk-for-java-v2-with-backblaze-b2 lists the x-amz-checksum-*
  // headers as not accepted.
  b2: {
    endpoint: 's3.{region}.backblazeb2.com',
    addressingStyle: 'auto',
    checksum: 'md5',

    limits: largest(10 * TB, 5 * GB),
  },
  // https://docs.cloud.google.com/storage/docs/xml-api/reference-headers knows Content-MD5, and no x-amz-checksum-*.
  gcs: {
    ...neutral,
    endpoint: 'storage.googleapis.com',
    region: 'auto',
    checksum: 'md5',
    limits: { maximumFileSize: 5 * TiB },
  },
  // https://github.com/minio/minio/blob/master/docs/minio-limits.md: no limit is below S3's.
  // https://github.com/minio/minio/pull/16484: trailers.
  minio: { ...neutral, trailers: true },
  // https://github.com/ceph/ceph/pull/63326: releases do not check an x-amz-checksum-* that comes without its algorithm.
  ceph: { ...neutral, checksum: 'md5', limits: { maximumFileSize: 5 * TB } },
  // https://docs.wasabi.com/docs/rest-api-introduction knows Content-MD5; of other checksums nothing is said.
  wasabi: {
    ...neutral,
    endpoint: 's3.{region}.wasabisys.com',
    checksum: 'md5',
    limits: largest(5 * TB, 5 * GB),
  },
  // https://docs.digitalocean.com/products/spaces/reference/aws-sdks/: a Space is made only where requests are signed for
  // us-east-1, whatever data center the host names.
  spaces: { ...neutral, checksum: 'md5', limits: largest(5 * TB, 5 * GB) },
  // https://www.tigrisdata.com/docs/api/s3/
  tigris: {
    ...neutral,
    endpoint: 't3.storage.dev',
    region: 'auto',
    addressingStyle: 'virtual',
    limits: { maximumFileSize: 5 * TiB },
  },
  // https://garagehq.deuxfleurs.fr/connect/index.html: 'garage' is what the region is mostly set to.
  garage: { ...neutral, region: 'garage' },
  // https://github.com/seaweedfs/seaweedfs/pull/8914: checksums are checked, and kept.
  seaweedfs: neutral,
};

// Services that people run themselves have no host of their own.
const hosts: readonly (readonly [ServiceName, RegExp])[] = [
  [
    'aws',
    /(?:^|\.)(?:s3[.-](?:fips[.-])?(?:dualstack\.)?(?<region>[a-z]{2,}-[a-z-]+-\d)\.(?:vpce\.)?)?amazonaws\.com(?:\.cn)?$/,
  ],
  ['r2', /\.r2\.cloudflarestorage\.com$/],
  ['b2', /(?:^|\.)s3\.(?<region>[a-z0-9-]+)\.backblazeb2\.com$/],
  ['gcs', /(?:^|\.)storage\.googleapis\.com$/],
  ['minio', /^play\.min\.io$/],
  ['wasabi', /(?:^|\.)s3(?:\.(?<region>[a-z0-9-]+))?\.wasabisys\.com$/],
  ['spaces', /\.digitaloceanspaces\.com$/],
  ['tigris', /(?:^|\.)(?:t3\.storage|(?:fly|t3)\.storage\.tigris)\.dev$/],
];

// Wasabi's short host names, by the regions that they stand for.
const wasabiAliases: Readonly<Record<string, string>> = {
  'nl-1': 'eu-central-1',
  'de-1': 'eu-central-2',
  'uk-1': 'eu-west-1',
  'fr-1': 'eu-west-2',
  'uk-2': 'eu-west-3',
  'it-1': 'eu-south-1',
};

/** What a service is found out from. */
export interface ServiceSettings {
  readonly service?: ServiceName | undefined;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * The service that a connection talks to: the one that is named, or that the endpoint's host belongs to.
 *
 * @throws {TypeError} the named service has no host of its own and none is given, or it needs a region
 */
export function resolveService({ service, endpoint, region }: ServiceSettings): S3Service {
  const host = (endpoint ?? '')
    .replace(/^https?:\/\//i, '')
    .replace(/[:/].*$/s, '')
    .toLowerCase();
  const [known, pattern] = hosts.find(([, candidate]) => candidate.test(host)) ?? [];
  // Without an endpoint it is Amazon's.
  const name = service ?? (endpoint === undefined ? 'aws' : known);
  const preset = name === undefined ? neutral : presets[name];
  const fromHost = name === known ? pattern?.exec(host)?.groups?.['region'] : undefined;
  const signedFor = region ?? wasabiAliases[fromHost ?? ''] ?? fromHost ?? preset.region;
  if (signedFor === undefined)
    throw invalidArgument(`the service ${name} needs a region, or an endpoint that tells it`);
  if (endpoint === undefined && preset.endpoint === undefined && name !== 'aws')
    throw invalidArgument(`the service ${name} needs an endpoint: it has no host that is the same for all`);
  return {
    ...preset,
    name,
    region: signedFor,
    endpoint: endpoint ?? preset.endpoint?.replace('{region}', signedFor),
  };
}
