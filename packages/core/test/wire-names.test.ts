import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { copySource } from '../src/copy-object.ts';
import { addressOf } from '../src/endpoint.ts';
import { parseEndpoint } from '../src/endpoint-settings.ts';
import { decodeName } from '../src/listing.ts';

interface KeyVector {
  readonly name: string;
  readonly key: string;
  readonly path: string;
  readonly pathStyle: string;
}

const vectors = JSON.parse(readFileSync(new URL('vectors/key-encoding.json', import.meta.url), 'utf8')) as {
  keys: KeyVector[];
  listDecode: { name: string; encoded: string; decoded: string }[];
  copySource: { name: string; bucket: string; key: string; versionId: string | null; header: string }[];
};

const settings = { tls: true, region: 'us-east-1' } as const;
const virtual = parseEndpoint({ ...settings, endpoint: undefined, addressingStyle: 'auto' });
const path = parseEndpoint({ ...settings, endpoint: undefined, addressingStyle: 'path' });

test.each(vectors.keys)('the path of a key: $name', ({ key, path: wirePath, pathStyle }) => {
  expect(addressOf(virtual, 'my-bucket', key)).toMatchObject({
    host: 'my-bucket.s3.amazonaws.com',
    path: wirePath,
  });
  expect(addressOf(path, 'my-bucket', key)).toMatchObject({ host: 's3.amazonaws.com', path: pathStyle });
});

test.each(vectors.listDecode)('a name in a listing: $name', ({ encoded, decoded }) => {
  expect(decodeName(encoded)).toBe(decoded);
});

// Versions of a source are for later.
test.each(vectors.copySource.filter(({ versionId }) => versionId === null))(
  'a copy source: $name',
  ({ bucket, key, header }) => {
    expect(copySource({ bucket, key })).toBe(header);
  },
);

describe('addresses', () => {
  test.each<[string, string | undefined, boolean | undefined, string, string | undefined, string]>([
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    [
      'virtual-host style on Amazon',
      undefined,
      undefined,
      'us-east-1',
      'my-bucket',
      'https://my-bucket.s3.amazonaws.com/k',
    ],
    [
      'a region of its own',
      undefined,
      undefined,
      'eu-west-1',
      'my-bucket',
      'https://my-bucket.s3.eu-west-1.amazonaws.com/k',
    ],
    [
      'China',
      undefined,
      undefined,
      'cn-north-1',
      'my-bucket',
      'https://my-bucket.s3.cn-north-1.amazonaws.com.cn/k',
    ],
    [
      'the documented endpoint',
      's3-us-west-2.amazonaws.com',
      undefined,
      'us-west-2',
      'my-bucket',
      'https://my-bucket.s3-us-west-2.amazonaws.com/k',
    ],
    [
      'a period in the name, with TLS',
      undefined,
      undefined,
      'us-east-1',
      'my.bucket',
      'https://s3.amazonaws.com/my.bucket/k',
    ],
    [
      'a period in the name, without TLS',
      undefined,
      false,
      'us-east-1',
      'my.bucket',
      'http://my.bucket.s3.amazonaws.com/k',
    ],
    ['an old name', undefined, undefined, 'us-east-1', 'My_Bucket', 'https://s3.amazonaws.com/My_Bucket/k'],
    [
      'another service',
      'localhost:9000',
      false,
      'us-east-1',
      'my-bucket',
      'http://localhost:9000/my-bucket/k',
    ],
    [
      'a URL',
      'http://localhost:9000/',
      undefined,
      'us-east-1',
      'my-bucket',
      'http://localhost:9000/my-bucket/k',
    ],
    [
      'a URL with a path',
      'https://example.com/storage/v1/s3',
      undefined,
      'us-east-1',
      'my-bucket',
      'https://example.com/storage/v1/s3/my-bucket/k',
    ],
    [
      'the protocol’s own port',
      'https://example.com:443',
      undefined,
      'us-east-1',
      'my-bucket',
      'https://example.com/my-bucket/k',
    ],
    [
      'an IPv6 address',
      'http://[::1]:9000',
      undefined,
      'us-east-1',
      'my-bucket',
      'http://[::1]:9000/my-bucket/k',
    ],
    ['the service', undefined, undefined, 'us-east-1', undefined, 'https://s3.amazonaws.com/'],
  ])('%s', (_, endpoint, tls, region, bucket, url) => {
    const address = addressOf(
      parseEndpoint({ endpoint, tls, region, addressingStyle: 'auto' }),
      bucket,
      bucket && 'k',
    );
    expect(`${address.protocol}//${address.host}${address.path}`).toBe(url);
  });

  test('the style can be forced', () => {
    const forced = parseEndpoint({
      endpoint: 'localhost:9000',
      tls: false,
      region: 'x',
      addressingStyle: 'virtual',
    });
    expect(addressOf(forced, 'my-bucket', 'k')).toMatchObject({
      host: 'my-bucket.localhost:9000',
      path: '/k',
    });
  });
});
