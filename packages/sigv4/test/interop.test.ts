import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Sha256 } from '@aws-crypto/sha256-js';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { AwsV4Signer } from 'aws4fetch';
import { Client as MinioClient } from 'minio';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  checkPayloadHash,
  decodeChunked,
  encodeKey,
  encodeQuery,
  type ReceivedRequest,
  Signer,
  type StreamingPayloadHash,
  sha256Hex,
  splitUrl,
  type VerifiedSignature,
  verify,
  verifyPostForm,
} from '../src/index.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const temporary = { ...credentials, sessionToken: 'a/session+token==' };
const region = 'eu-west-1';
const service = 's3';
const host = 'bucket.s3.eu-west-1.amazonaws.com';
const date = new Date('2024-02-29T23:59:59Z');
const amzDate = '20240229T235959Z';
const path = `/${encodeKey("photos/1+1 = 2 'é😀'(!)*.jpg")}`;
const query = encodeQuery([
  ['versionId', 'a/b+c= d'],
  ['acl', ''],
]);
const payloadHash = sha256Hex('hello');
const headers = { 'content-type': 'text/plain', 'x-amz-meta-a': 'b c' };
const options = { secretFor: () => credentials.secretAccessKey, region, now: date };

/** The signature in an Authorization header or a URL. */
const signatureIn = (text: string | undefined): string | undefined =>
  /Signature=([0-9a-f]{64})/.exec(text ?? '')?.[1];

function receivedUrl(url: string): ReceivedRequest {
  const { path: sentPath, query: sentQuery } = splitUrl(url);
  return { method: 'GET', path: sentPath, query: sentQuery, headers: { host } };
}

describe.each([
  ['long-lived keys', credentials],
  ['temporary keys', temporary],
])('with %s, our signature is also that of', (_, keys) => {
  const signer = new Signer({ region, credentials: keys });
  const request = { method: 'PUT', host, path, query, headers };

  test('@smithy/signature-v4', async () => {
    const smithy = new SignatureV4({
      credentials: keys,
      region,
      service,
      sha256: Sha256,
      uriEscapePath: false,
    });
    const other = {
      method: 'PUT',
      protocol: 'https:',
      hostname: host,
      path,
      query: { versionId: 'a/b+c= d', acl: '' },
      headers: { ...headers, host, 'x-amz-content-sha256': payloadHash },
    };
    const signed = await smithy.sign(other, { signingDate: date });
    const ours = signer.sign({ ...request, payloadHash }, { date });
    expect(ours.headers['authorization']).toBe(signed.headers['authorization']);
    expect(verify({ method: 'PUT', path, query, headers: signed.headers }, options)).toMatchObject({
      kind: 'header',
    });

    const get = { ...other, method: 'GET', headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } };
    const { query: parameters = {} } = await smithy.presign(get, { signingDate: date, expiresIn: 60 });
    const pairs = Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]);
    const verified = verify({ method: 'GET', path, query: encodeQuery(pairs), headers: { host } }, options);
    expect(verified).toMatchObject({ kind: 'presigned', payloadHash: 'UNSIGNED-PAYLOAD' });
  });

  test('aws4', () => {
    const signed = aws4.sign(
      {
        method: 'PUT',
        host,
        path: `${path}?${query}`,
        service,
        region,
        headers: { ...headers, 'X-Amz-Date': amzDate, 'X-Amz-Content-Sha256': payloadHash },
      },
      keys,
    );
    const ours = signer.sign({ ...request, payloadHash }, { date });
    expect(ours.signature).toBe(signatureIn(String(signed.headers?.['Authorization'])));
    const sent = Object.fromEntries(
      Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    expect(verify({ method: 'PUT', path, query, headers: { host, ...sent } }, options)).toMatchObject({
      kind: 'header',
    });

    const url = aws4.sign(
      {
        host,
        path: `${path}?${query}&X-Amz-Date=${amzDate}&X-Amz-Expires=60`,
        service,
        region,
        signQuery: true,
      },
      keys,
    );
    const ourUrl = signer.presign({ method: 'GET', host, path, query }, { date, expiresIn: 60 });
    expect(signatureIn(ourUrl)).toBe(signatureIn(url.path));
    expect(verify(receivedUrl(`https://${host}${url.path}`), options)).toMatchObject({ kind: 'presigned' });
  });

  test('aws4fetch', async () => {
    const common = { ...keys, service, region, datetime: amzDate };
    const url = `https://${host}${path}?${query}`;
    // It leaves content-type unsigned.
    const signed = await new AwsV4Signer({
      ...common,
      method: 'PUT',
      url,
      headers: { 'x-amz-meta-a': 'b c', 'x-amz-content-sha256': payloadHash },
    }).sign();
    const ours = signer.sign({ ...request, headers: { 'x-amz-meta-a': 'b c' }, payloadHash }, { date });
    expect(ours.signature).toBe(signatureIn(signed.headers.get('authorization') ?? ''));

    const presigned = await new AwsV4Signer({
      ...common,
      url: `${url}&X-Amz-Expires=60`,
      signQuery: true,
    }).sign();
    const ourUrl = signer.presign({ method: 'GET', host, path, query }, { date, expiresIn: 60 });
    expect(signatureIn(ourUrl)).toBe(signatureIn(presigned.url.href));
    expect(verify(receivedUrl(presigned.url.href), options)).toMatchObject({ kind: 'presigned' });
  });
});

/** A server that knows nothing of S3 but who signed, and what. */
interface Seen {
  method: string;
  path: string;
  verified: VerifiedSignature;
  body: string;
}

let server: Server;
let port = 0;
let seen: Seen[] = [];
const failures: unknown[] = [];

const listing = '<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>';

async function receive(request: IncomingMessage): Promise<Seen> {
  const [sentPath = '', sentQuery = ''] = (request.url ?? '').split(/\?(.*)/s);
  const { method = '', headersDistinct } = request;
  const verified = verify(
    { method, path: sentPath, query: sentQuery, headers: headersDistinct },
    { secretFor: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined), region },
  );
  if (verified.kind === 'anonymous') throw new Error('no signature was found');
  const chunks: Uint8Array[] = [];
  if (verified.payloadHash.startsWith('STREAMING-')) {
    const decoding = {
      payloadHash: verified.payloadHash as StreamingPayloadHash, // the decoder refuses another
      decodedLength: Number(request.headers['x-amz-decoded-content-length']),
      trailers: String(request.headers['x-amz-trailer'] ?? '')
        .split(',')
        .filter((name) => name !== ''),
      verified,
    };
    for await (const data of decodeChunked(request, decoding)) chunks.push(data);
  } else {
    for await (const chunk of request) chunks.push(chunk as Buffer); // a request without an encoding
    checkPayloadHash(verified, createHash('sha256').update(Buffer.concat(chunks)).digest('hex'));
  }
  return { method, path: sentPath, verified, body: Buffer.concat(chunks).toString() };
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    try {
      seen.push(await receive(request));
      response.setHeader('etag', '"5d41402abc4b2a76b9719d911017c592"');
      response.end(request.url?.includes('list-type') ? listing : '');
    } catch (error) {
      failures.push(error);
      response.writeHead(403).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port; // it listens on a port
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  seen = [];
  failures.length = 0;
});

const keys = ['plain.txt', "a b+c/é😀!'()*~%20.txt", 'a//b/./c/..', '%2F%25'];

describe('the AWS SDK', () => {
  const client = (): S3Client =>
    new S3Client({
      region,
      credentials,
      endpoint: `http://127.0.0.1:${port}`,
      forcePathStyle: true,
      maxAttempts: 1,
    });

  test.each(keys)('puts and gets %s', async (Key) => {
    const sdk = client();
    await sdk.send(
      new PutObjectCommand({
        Bucket: 'bucket',
        Key,
        Body: 'hello',
        Metadata: { a: ' b  c ' },
        ContentType: 'text/plain',
      }),
    );
    await sdk.send(
      new GetObjectCommand({ Bucket: 'bucket', Key, Range: 'bytes=0-9', ResponseContentType: 'a/b; c="d"' }),
    );
    sdk.destroy();
    expect(failures).toEqual([]);
    expect(seen.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', 'hello'],
      ['GET', ''],
    ]);
    expect(decodeURIComponent(seen[0]?.path ?? '')).toBe(`/bucket/${Key}`);
  });

  test('lists', async () => {
    const sdk = client();
    const { Name } = await sdk.send(
      new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'a b+c/é', Delimiter: '/' }),
    );
    sdk.destroy();
    expect([failures, Name]).toEqual([[], 'bucket']);
  });

  test('streams a body with its checksum behind it', async () => {
    const sdk = client();
    const Body = Readable.from([Buffer.alloc(100_000, 'a'), Buffer.alloc(50_000, 'b')]);
    await sdk.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body, ContentLength: 150_000 }));
    sdk.destroy();
    expect(failures).toEqual([]);
    expect(seen[0]?.verified.payloadHash).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
    expect(seen[0]?.body).toBe('a'.repeat(100_000) + 'b'.repeat(50_000));
  });
});

describe('minio', () => {
  const client = (): MinioClient =>
    new MinioClient({
      endPoint: '127.0.0.1',
      port,
      useSSL: false,
      region,
      accessKey: credentials.accessKeyId,
      secretKey: credentials.secretAccessKey,
    });

  test.each(keys)('puts %s', async (key) => {
    await client().putObject('bucket', key, 'hello', 5, { 'X-Amz-Meta-A': 'b c' });
    expect(failures).toEqual([]);
    expect(seen.map(({ method, body }) => [method, body])).toEqual([['PUT', 'hello']]);
  });

  test('presigns', async () => {
    const url = await client().presignedUrl('GET', 'bucket', 'a b+c/é.txt', 60, {
      'response-content-type': 'a/b; c="d"',
    });
    expect((await fetch(url)).status).toBe(200);
    expect(failures).toEqual([]);
    expect(seen[0]?.verified.kind).toBe('presigned');
  });

  test('signs upload forms', async () => {
    const minio = client();
    const policy = minio.newPostPolicy();
    policy.setBucket('bucket');
    policy.setKeyStartsWith('user/');
    policy.setContentLengthRange(1, 1000);
    policy.setContentType('text/plain');
    policy.setExpires(new Date(Date.now() + 60_000));
    const { formData } = await minio.presignedPostPolicy(policy);
    const fields = { ...formData, key: 'user/a.txt' };
    const form = {
      bucket: 'bucket',
      fields: Object.entries(fields).map(([name, value]) => [name, String(value)] as const),
    };
    expect(verifyPostForm(form, { secretFor: () => credentials.secretAccessKey, region })).toMatchObject({
      kind: 'post',
      key: 'user/a.txt',
      contentLengthRange: { minimum: 1, maximum: 1000 },
    });
  });
});
