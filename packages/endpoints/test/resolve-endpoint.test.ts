import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type EndpointParameters,
  parseArn,
  partitionOf,
  resolveEndpoint,
  type Signing,
} from '../src/index.ts';

function vectors<T>(name: string): T {
  // The files are what their README says.
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8')) as T;
}

interface Scheme {
  readonly name: 'sigv4' | 'sigv4a' | 'sigv4-s3express';
  readonly signingName: string;
  readonly signingRegion?: string;
  readonly signingRegionSet?: readonly string[];
}

interface Case {
  readonly documentation: string;
  readonly params: Readonly<Record<string, string | boolean>>;
  readonly expect:
    | { readonly error: string }
    | {
        readonly endpoint: {
          readonly url: string;
          readonly properties: { readonly authSchemes: readonly Scheme[] };
        };
      };
}

/** The names of our parameters, by those of the vectors. */
const names: Readonly<Record<string, keyof EndpointParameters>> = {
  Region: 'region',
  Bucket: 'bucket',
  Endpoint: 'endpoint',
  UseDualStack: 'dualstack',
  UseFIPS: 'fips',
  Accelerate: 'accelerate',
  ForcePathStyle: 'pathStyle',
  UseArnRegion: 'arnRegion',
  DisableAccessPoints: 'disableAccessPoints',
  DisableMultiRegionAccessPoints: 'disableMultiRegionAccessPoints',
  DisableS3ExpressSessionAuth: 'disableSession',
  UseS3ExpressControlEndpoint: 'expressControl',
  UseObjectLambdaEndpoint: 'objectLambda',
};

/** What no address depends on. */
const ignored = ['Key', 'Prefix', 'CopySource'];

function parametersOf(params: Case['params']): EndpointParameters {
  // Whether us-east-1 means the global host is the SDKs' setting; ours is the region aws-global.
  const { UseGlobalEndpoint, ...rest } = params;
  const entries = Object.entries(rest)
    .filter(([name]) => !ignored.includes(name))
    .map(([name, value]) => [names[name] ?? name, value]);
  if (UseGlobalEndpoint === true && params['Region'] === 'us-east-1') entries.push(['region', 'aws-global']);
  return Object.fromEntries(entries) as EndpointParameters;
}

/** The schemes of the vectors, the preferred one first. */
function schemesOf(signing: Signing): Scheme[] {
  const v4 = (region: string): Scheme => ({
    name: signing.session ? 'sigv4-s3express' : 'sigv4',
    signingName: signing.name,
    signingRegion: region,
  });
  if (signing.version === 'v4') return [v4(signing.region)];
  const v4a: Scheme = { name: 'sigv4a', signingName: signing.name, signingRegionSet: signing.regionSet };
  return signing.region === undefined ? [v4a] : [v4a, v4(signing.region)];
}

describe('the SDKs’ tests of their rules', () => {
  const { testCases } = vectors<{ testCases: readonly Case[] }>('s3-endpoint-tests.json');

  test.each(testCases.map((one, index) => [`${index} ${one.documentation}`, one] as const))(
    '%s',
    (_, one) => {
      const parameters = parametersOf(one.params);
      if ('error' in one.expect) {
        const { error } = one.expect;
        expect(() => resolveEndpoint(parameters)).toThrow(new TypeError(error));
        return;
      }
      const { url, properties } = one.expect.endpoint;
      const resolved = resolveEndpoint(parameters);
      expect(resolved.url).toBe(url);
      const expected = properties.authSchemes.map(
        ({ name, signingName, signingRegion, signingRegionSet }) => ({
          name,
          signingName,
          ...(signingRegion === undefined ? {} : { signingRegion }),
          ...(signingRegionSet === undefined ? {} : { signingRegionSet }),
        }),
      );
      expect(schemesOf(resolved.signing)).toEqual(expected);
    },
  );
});

describe('partitions', () => {
  interface PartitionRow {
    readonly id: string;
    readonly outputs: { readonly dnsSuffix: string };
    readonly regions: Readonly<Record<string, unknown>>;
  }
  const { partitions } = vectors<{ partitions: readonly PartitionRow[] }>('partitions.json');
  const rows = partitions.flatMap(({ id, outputs, regions }) =>
    Object.keys(regions).map((region) => [region, id, outputs.dnsSuffix] as const),
  );

  test.each(rows)('%s is in %s', (region, id, dnsSuffix) => {
    expect(partitionOf(region)).toMatchObject({ id, dnsSuffix });
  });

  test.each(rows.filter(([region]) => !region.endsWith('-global')))(
    '%s has a host',
    (region, _, dnsSuffix) => {
      expect(resolveEndpoint({ region, bucket: 'bucket' }).url).toBe(
        `https://bucket.s3.${region}.${dnsSuffix}`,
      );
    },
  );
});

test.each([
  [
    'arn:aws:s3:us-west-2:123456789012:accesspoint/a',
    { resource: ['accesspoint', 'a'], region: 'us-west-2' },
  ],
  ['arn:aws:s3::123456789012:accesspoint:a.mrap', { resource: ['accesspoint', 'a.mrap'], region: '' }],
  ['arn:aws:s3:::bucket', { resource: ['bucket'], account: '' }],
])('%s is an ARN', (text, parts) => {
  expect(parseArn(text)).toMatchObject(parts);
});

test.each([['bucket'], ['arn:aws:s3:us-west-2:123456789012:'], ['arn:aws:s3'], ['arn::s3:::bucket']])(
  '%s is none',
  (text) => {
    expect(parseArn(text)).toBeUndefined();
  },
);

test('a bucket of an ARN that is no access point is refused', () => {
  expect(() => resolveEndpoint({ region: 'us-east-1', bucket: 'arn:aws:s3:::bucket' })).toThrow(
    /Unrecognized format/,
  );
});

test('acceleration needs a name that can stand before a host', () => {
  expect(() => resolveEndpoint({ region: 'us-east-1', bucket: 'a.dotted.name', accelerate: true })).toThrow(
    /a\.dotted\.name/,
  );
});
