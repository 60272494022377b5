import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { S3Connection } from '../src/index.ts';

interface Row {
  readonly name: string;
  readonly kind: 'request' | 'presign' | 'error';
  readonly region?: string | null;
  readonly bucket: string;
  readonly key: string;
  readonly customer_provided_endpoint?: string;
  readonly is_secure?: boolean;
  readonly use_fips_endpoint?: boolean;
  readonly legacyGlobalEndpoint?: boolean;
  readonly s3_config?: {
    readonly addressing_style?: 'auto' | 'path' | 'virtual';
    readonly use_accelerate_endpoint?: boolean;
    readonly use_dualstack_endpoint?: boolean;
    readonly use_arn_region?: boolean;
    readonly us_east_1_regional_endpoint?: 'regional' | 'legacy';
  };
  readonly expected_url?: string;
}

// The file is what its README says.
const rows = JSON.parse(
  readFileSync(new URL('vectors/s3-addressing.json', import.meta.url), 'utf8'),
) as readonly Row[];

/** What botocore does otherwise; the first that applies is why a row is compared with another address, or refused. */
const differences: readonly (readonly [
  reason: string,
  applies: (row: Row) => boolean,
  url: string | RegExp | ((row: Row) => string),
])[] = [
  [
    'an ARN of another region is followed; there is no setting against it',
    ({ kind }) => kind === 'error',
    'https://myendpoint-123456789012.s3-accesspoint.us-west-2.amazonaws.com/key',
  ],
  [
    'a bucket name that S3 never had is refused, also in a path',
    ({ bucket }) => bucket.length < 3 || bucket.startsWith('-'),
    /invalid bucket name/,
  ],
  [
    'us-east-1 is asked at the global host, as botocore does too where it is not told otherwise',
    ({ region, s3_config = {}, customer_provided_endpoint }) =>
      region === 'us-east-1' &&
      customer_provided_endpoint === undefined &&
      s3_config.us_east_1_regional_endpoint === 'regional' &&
      s3_config.use_dualstack_endpoint !== true,
    'https://bucket.s3.amazonaws.com/key',
  ],
  [
    'presigned by Signature Version 4, a URL has the region’s host; botocore presigns by Version 2 there',
    ({ kind, region, expected_url }) =>
      kind === 'presign' && region !== 'us-east-1' && expected_url === 'https://bucket.s3.amazonaws.com/key',
    ({ region }) => `https://bucket.s3.${region}.amazonaws.com/key`,
  ],
  [
    'acceleration and path style together are refused, as by the newer SDKs; botocore drops the path style',
    ({ s3_config = {} }) =>
      s3_config.use_accelerate_endpoint === true && s3_config.addressing_style === 'path',
    /Path-style addressing cannot be used with S3 Accelerate/,
  ],
  [
    'dual stack and a custom endpoint together are refused, as by the newer SDKs',
    ({ s3_config = {}, customer_provided_endpoint }) =>
      s3_config.use_dualstack_endpoint === true && customer_provided_endpoint !== undefined,
    /Cannot set dual-stack in combination with a custom endpoint/,
  ],
  [
    'the bucket stands before every host of Amazon; botocore puts it into the path of those that it does not know',
    ({ customer_provided_endpoint = '', expected_url = '' }) =>
      customer_provided_endpoint.endsWith('.amazonaws.com') && expected_url.endsWith('/bucket/key'),
    ({ customer_provided_endpoint = '' }) =>
      `${customer_provided_endpoint.replace('https://', 'https://bucket.')}/key`,
  ],
];

async function addressOf(row: Row): Promise<string> {
  const { region, s3_config = {}, is_secure, customer_provided_endpoint } = row;
  const connection = new S3Connection({
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'SECRET',
    ...(typeof region === 'string' && { region }),
    ...(customer_provided_endpoint !== undefined && { endpoint: customer_provided_endpoint }),
    ...(is_secure === false && { tls: false }),
    ...(s3_config.addressing_style !== undefined && { addressingStyle: s3_config.addressing_style }),
    dualstack: s3_config.use_dualstack_endpoint ?? false,
    accelerate: s3_config.use_accelerate_endpoint ?? false,
    fips: row.use_fips_endpoint ?? false,
  });
  const url = await connection.presign({ method: 'GET', bucket: row.bucket, key: row.key }, 60);
  return url.slice(0, url.indexOf('?'));
}

test.each(rows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
  const [, , other] = differences.find(([, applies]) => applies(row)) ?? [];
  if (other instanceof RegExp) {
    await expect(addressOf(row)).rejects.toThrow(other);
    return;
  }
  const expected = typeof other === 'function' ? other(row) : (other ?? row.expected_url);
  expect(await addressOf(row)).toBe(expected);
});

test.each(differences.map(([reason, applies]) => [reason, applies] as const))('%s', (_, applies) => {
  expect(rows.some(applies)).toBe(true);
});
