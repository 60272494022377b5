import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { S3Connection, type S3ConnectionConfig } from '../src/index.ts';
import { type Handler, reply, ScriptedServer } from './scripted-server.ts';

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'SECRET' };
const s3 = { style: 'path', checksum: 'crc32', equalParts: false, largest: 10_000 * 5 * 1024 ** 3 };
const TiB = 1024 ** 4;

interface Resolved {
  readonly name?: string | undefined;
  readonly host: string;
  readonly region: string;
  readonly style: string;
  readonly checksum: string;
  readonly equalParts: boolean;
  readonly largest: number;
}

async function resolved(config: Partial<S3ConnectionConfig>): Promise<Resolved> {
  const connection = new S3Connection({ ...keys, ...config });
  const url = new URL(await connection.presign({ method: 'GET', bucket: 'bucket', key: 'k' }, 60));
  return {
    name: connection.service.name,
    host: connection.endpoint,
    region: connection.region,
    style: url.pathname === '/k' ? 'virtual' : 'path',
    checksum: connection.checksum,
    equalParts: connection.service.equalParts ?? false,
    largest: connection.limits.maximumFileSize,
  };
}

const account = '0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com';
const r2 = {
  ...s3,
  name: 'r2',
  host: account,
  region: 'auto',
  equalParts: true,
  largest: 5 * TiB - 5 * 1024 ** 3,
};
const b2 = { ...s3, name: 'b2', checksum: 'md5', largest: 10e12 };
const gcs = { ...s3, name: 'gcs', region: 'auto', checksum: 'md5', largest: 5 * TiB };
const wasabi = { ...s3, name: 'wasabi', checksum: 'md5', largest: 5e12 };
const spaces = { ...s3, name: 'spaces', region: 'us-east-1', checksum: 'md5', largest: 5e12 };
const tigris = { ...s3, name: 'tigris', region: 'auto', style: 'virtual', largest: 5 * TiB };
const aws = { ...s3, name: 'aws', style: 'virtual' };
const own = { ...s3, host: '127.0.0.1:9000', region: 'us-east-1' };

test.each<[string, Partial<S3ConnectionConfig>, Resolved]>([
  ['nothing is Amazon', {}, { ...aws, host: 's3.amazonaws.com', region: 'us-east-1' }],
  [
    'a region alone',
    { region: 'eu-west-1' },
    { ...aws, host: 's3.eu-west-1.amazonaws.com', region: 'eu-west-1' },
  ],
  [
    'a host of Amazon',
    { endpoint: 's3.eu-west-1.amazonaws.com' },
    { ...aws, host: 's3.eu-west-1.amazonaws.com', region: 'eu-west-1' },
  ],
  [
    'an old host of Amazon',
    { endpoint: 's3-us-gov-west-1.amazonaws.com' },
    { ...aws, host: 's3-us-gov-west-1.amazonaws.com', region: 'us-gov-west-1' },
  ],
  [
    'a dual-stack host',
    { endpoint: 's3.dualstack.cn-north-1.amazonaws.com.cn' },
    { ...aws, host: 's3.dualstack.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' },
  ],
  [
    'a VPC endpoint',
    { endpoint: 'https://bucket.vpce-0a1b.s3.us-west-2.vpce.amazonaws.com' },
    { ...aws, host: 'bucket.vpce-0a1b.s3.us-west-2.vpce.amazonaws.com', region: 'us-west-2' },
  ],
  ['R2', { endpoint: `https://${account}` }, r2],
  [
    'R2 in the EU',
    { endpoint: 'abc.eu.r2.cloudflarestorage.com' },
    { ...r2, host: 'abc.eu.r2.cloudflarestorage.com' },
  ],
  [
    'B2',
    { endpoint: 's3.us-west-004.backblazeb2.com' },
    { ...b2, host: 's3.us-west-004.backblazeb2.com', region: 'us-west-004' },
  ],
  [
    'B2 by its name',
    { service: 'b2', region: 'eu-central-003' },
    { ...b2, host: 's3.eu-central-003.backblazeb2.com', region: 'eu-central-003' },
  ],
  ['Google', { endpoint: 'https://storage.googleapis.com/' }, { ...gcs, host: 'storage.googleapis.com' }],
  ['Google by its name', { service: 'gcs' }, { ...gcs, host: 'storage.googleapis.com' }],
  [
    'Wasabi',
    { endpoint: 's3.eu-central-2.wasabisys.com' },
    { ...wasabi, host: 's3.eu-central-2.wasabisys.com', region: 'eu-central-2' },
  ],
  [
    'Wasabi’s oldest host',
    { endpoint: 's3.wasabisys.com' },
    { ...wasabi, host: 's3.wasabisys.com', region: 'us-east-1' },
  ],
  [
    'an alias of Wasabi',
    { endpoint: 's3.de-1.wasabisys.com' },
    { ...wasabi, host: 's3.de-1.wasabisys.com', region: 'eu-central-2' },
  ],
  [
    'Wasabi by its name',
    { service: 'wasabi' },
    { ...wasabi, host: 's3.us-east-1.wasabisys.com', region: 'us-east-1' },
  ],
  ['Spaces', { endpoint: 'nyc3.digitaloceanspaces.com' }, { ...spaces, host: 'nyc3.digitaloceanspaces.com' }],
  ['Tigris', { endpoint: 't3.storage.dev' }, { ...tigris, host: 't3.storage.dev' }],
  [
    'Tigris on Fly',
    { endpoint: 'https://fly.storage.tigris.dev' },
    { ...tigris, host: 'fly.storage.tigris.dev' },
  ],
  ['Tigris by its name', { service: 'tigris' }, { ...tigris, host: 't3.storage.dev' }],
  ['MinIO', { service: 'minio', endpoint: '127.0.0.1:9000' }, { ...own, name: 'minio' }],
  [
    'Ceph',
    { service: 'ceph', endpoint: '127.0.0.1:9000' },
    { ...own, name: 'ceph', checksum: 'md5', largest: 5e12 },
  ],
  ['Garage', { service: 'garage', endpoint: '127.0.0.1:9000' }, { ...own, name: 'garage', region: 'garage' }],
  ['SeaweedFS', { service: 'seaweedfs', endpoint: '127.0.0.1:9000' }, { ...own, name: 'seaweedfs' }],
  ['a service that nobody knows', { endpoint: '127.0.0.1:9000' }, { ...own, name: undefined }],
  [
    'a host that only looks like Amazon’s',
    { endpoint: 's3.eu-west-1.amazonaws.com.example.org' },
    { ...own, host: 's3.eu-west-1.amazonaws.com.example.org', name: undefined },
  ],
  [
    'a name that stands above the host',
    { service: 'r2', endpoint: 'storage.example.com' },
    { ...r2, host: 'storage.example.com' },
  ],
  [
    'settings that stand above the service',
    { endpoint: 't3.storage.dev', region: 'eu', addressingStyle: 'path', checksum: 'off' },
    { ...tigris, host: 't3.storage.dev', region: 'eu', style: 'path', checksum: 'off' },
  ],
])('%s', async (_, config, expected) => {
  expect(await resolved(config)).toEqual(expected);
});

test.each<[string, Partial<S3ConnectionConfig>, RegExp]>([
  ['R2 without a host', { service: 'r2' }, /the service r2 needs an endpoint/],
  ['MinIO without a host', { service: 'minio' }, /the service minio needs an endpoint/],
  ['B2 without a region', { service: 'b2' }, /the service b2 needs a region, or an endpoint/],
  [
    'a service that nobody knows',
    // It is wrong on purpose.
    { service: 's4' as 'aws' },
    /service must be one of aws, r2, b2, gcs, minio, ceph, wasabi, spaces, tigris, garage, seaweedfs/,
  ],
])('%s is refused', (_, config, message) => {
  expect(() => new S3Connection({ ...keys, ...config })).toThrow(message);
});

describe('requests', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start(reply(200));
  });
  afterEach(() => server.close());

  const multipart: Handler = (request, response) => {
    if (request.method === 'POST' && request.target.includes('uploads='))
      reply(200, '<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>')(
        request,
        response,
      );
    else if (request.method === 'POST')
      reply(200, '<CompleteMultipartUploadResult><ETag>"e-2"</ETag></CompleteMultipartUploadResult>')(
        request,
        response,
      );
    else reply(200, '', { etag: '"e"' })(request, response);
  };
  const limits = { minimumPartSize: 10, multipartThreshold: 20 };
  // With parts that double every 250, the 251st would have 20 bytes.
  const long = randomBytes(300 * 10 + 5);

  function partSizes(): number[] {
    return server.arrived
      .filter(({ method }) => method === 'PUT')
      .map(({ target, body }) => ({
        number: Number(/partNumber=(\d+)/.exec(target)?.[1]),
        size: body.length,
      }))
      .sort((a, b) => a.number - b.number)
      .map(({ size }) => size);
  }

  test('R2 gets parts of one size, however long the stream is', async () => {
    server.script(multipart);
    await server.storage({ service: 'r2' }, { limits }).write(Readable.from([long]), 'k', { partSize: 10 });
    expect(partSizes()).toEqual([...Array<number>(300).fill(10), 5]);
  });

  test('another service gets parts that grow', async () => {
    server.script(multipart);
    await server.storage({}, { limits }).write(Readable.from([long]), 'k', { partSize: 10 });
    expect(partSizes().slice(249, 252)).toEqual([10, 20, 20]);
  });

  test('a stream that outgrows the equal parts fails with advice, and leaves nothing behind', async () => {
    server.script(multipart);
    const storage = server.storage({ service: 'r2' }, { limits: { ...limits, maximumPartNumber: 3 } });
    await expect(storage.write(Readable.from([long]), 'k', { partSize: 10 })).rejects.toThrow(
      /longer than 3 parts can hold \(all must be of one size for the service r2, here 10 bytes\); give its expectedSize, or a larger partSize/,
    );
    expect(server.arrived.at(-1)?.method).toBe('DELETE');
  });

  test('a stream of known length is cut into equal parts that are large enough', async () => {
    server.script(multipart);
    const storage = server.storage({ service: 'r2' }, { limits: { ...limits, maximumPartNumber: 4 } });
    await storage.write(Readable.from([long]), 'k', { expectedSize: long.length });
    const sizes = partSizes();
    expect(sizes).toHaveLength(4);
    expect(new Set(sizes.slice(0, -1)).size).toBe(1);
  });

  test('a service that knows only Content-MD5 is not asked for other checksums', async () => {
    const storage = server.storage({ service: 'b2', region: 'us-west-004' });
    server.script(reply(200, 'hello', { etag: '"5d41402abc4b2a76b9719d911017c592"' }));
    await storage.readBytes('k');
    const [get] = server.arrived;
    expect(Object.keys(get?.headers ?? {}).filter((name) => name.startsWith('x-amz-checksum'))).toEqual([]);
  });

  test('a service that knows only Content-MD5 is sent that', async () => {
    await server.storage({ service: 'gcs' }).write(Buffer.from('hello'), 'k');
    const [put] = server.arrived;
    expect(put?.headers['content-md5']).toBe('XUFAKrxLKna5cZ2REBfFkg==');
    expect(Object.keys(put?.headers ?? {}).filter((name) => name.startsWith('x-amz-checksum'))).toEqual([]);
  });

  test.each([['auto'], ['us-east-1']])('a bucket in %s is made without a location', async (region) => {
    await server.storage({ service: 'r2', region }).bucketCreate('new-bucket');
    expect(server.arrived[0]?.body).toHaveLength(0);
  });
});
