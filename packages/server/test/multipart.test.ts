import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { bytesOf } from './bytes.ts';
import { raw, refusal, sdk, testServer } from './endpoint.ts';
import checksums from './vectors/checksums.json' with { type: 'json' };

const Bucket = 'multipart';
const events: string[] = [];
let server: S3Server;
let s3: S3Client;

beforeAll(async () => {
  // Parts of any size, so that the vectors fit.
  server = await testServer({
    limits: { minimumPartSize: 1 },
    onNotification: ({ eventName, s3: { object } }) => {
      if (eventName === 'ObjectCreated:CompleteMultipartUpload') events.push(object.key);
    },
  });
  s3 = sdk(server, { requestChecksumCalculation: 'WHEN_REQUIRED' });
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

async function start(Key: string, options: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  expect(UploadId).not.toBe('');
  return UploadId;
}

async function part(
  Key: string,
  UploadId: string,
  PartNumber: number,
  Body: string | Uint8Array,
): Promise<CompletedPart> {
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { PartNumber, ETag };
}

function complete(Key: string, UploadId: string, Parts: CompletedPart[], options = {}) {
  return s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...options }),
  );
}

async function textOf(Key: string, options = {}): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key, ...options }))).Body?.transformToString();
}

test('an object of parts has the metadata of its beginning and the bytes of its parts', async () => {
  const UploadId = await start('parts', { ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 'k=v' });
  const parts = [
    await part('parts', UploadId, 2, 'world'),
    await part('parts', UploadId, 1, 'hello '),
  ].reverse();
  expect(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: 'parts' })))).toBe('404 NotFound');
  const done = await complete('parts', UploadId, parts);
  // The MD5 of the two MD5s: a figure of the vectors.
  expect(done.ETag).toBe('"e09e4fd6265b36115fe3db32df945d84-2"');
  expect(await textOf('parts')).toBe('hello world');
  expect(await textOf('parts', { Range: 'bytes=4-7' })).toBe('o wo');
  expect(await textOf('parts', { Range: 'bytes=-3' })).toBe('rld');
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'parts' }))).toMatchObject({
    ContentLength: 11,
    ContentType: 'text/plain',
    Metadata: { a: '1' },
    TagCount: 1,
  });
});

test('one part of the object is read by its number', async () => {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'parts', PartNumber: 2 }));
  expect(got).toMatchObject({ PartsCount: 2, ContentRange: 'bytes 6-10/11', ContentLength: 5 });
  expect(await got.Body?.transformToString()).toBe('world');
  const third = new GetObjectCommand({ Bucket, Key: 'parts', PartNumber: 3 });
  expect(await refusal(s3.send(third))).toBe('416 InvalidPartNumber');
});

test('a part may be sent again, and parts may be left out', async () => {
  const UploadId = await start('again');
  await part('again', UploadId, 1, 'old');
  const kept = await part('again', UploadId, 1, 'new');
  await part('again', UploadId, 2, 'left out');
  await complete('again', UploadId, [kept]);
  expect(await textOf('again')).toBe('new');
});

test('completing once more gives the same answer, with other parts it is refused', async () => {
  const UploadId = await start('twice');
  const parts = [await part('twice', UploadId, 1, 'x')];
  const body =
    '<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:1:q</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>';
  expect((await raw(server, { method: 'PUT', target: `/${Bucket}?notification`, body })).status).toBe(200);
  const first = await complete('twice', UploadId, parts);
  const second = await complete('twice', UploadId, parts);
  expect(second.ETag).toBe(first.ETag);
  expect(events).toEqual(['twice']);
  expect(await refusal(complete('twice', UploadId, [{ PartNumber: 2, ETag: '"x"' }]))).toBe(
    '404 NoSuchUpload',
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: 'replaced' }));
  expect(await refusal(complete('twice', UploadId, parts))).toBe('404 NoSuchUpload');
  expect(await textOf('twice')).toBe('replaced');
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html: the URI of the object.
test('the answer tells where the object is, as the bucket was addressed', async () => {
  const locationOf = async (host: string, path: string) => {
    const uploadId = await start('a/b');
    const { ETag } = await part('a/b', uploadId, 1, 'x');
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${ETag}</ETag></Part></CompleteMultipartUpload>`;
    const request = { method: 'POST', target: `${path}?uploadId=${uploadId}`, host, body };
    return /<Location>(.*?)</.exec((await raw(server, request)).text)?.[1];
  };
  const { port } = server;
  expect(await locationOf(`127.0.0.1:${port}`, `/${Bucket}/a/b`)).toBe(
    `http://127.0.0.1:${port}/${Bucket}/a%2Fb`,
  );
  expect(await locationOf(`${Bucket}.localhost:${port}`, '/a/b')).toBe(
    `http://${Bucket}.localhost:${port}/a%2Fb`,
  );
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#SysMetadata, Last-Modified
test('an object is as old as the beginning of its upload, and the latest all the same', async () => {
  const own = await testServer({ buckets: ['dated'] });
  const ask = (method: string, target: string, body = '') => raw(own, { method, target, body });
  const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await ask('PUT', '/dated?versioning', versioning);
  const created = await ask('POST', '/dated/k?uploads');
  const uploadId = /<UploadId>(.*?)</.exec(created.text)?.[1];
  const { etag } = (await ask('PUT', `/dated/k?uploadId=${uploadId}&partNumber=1`, 'whole')).headers;
  await own.advanceClock(3_600_000);
  await ask('PUT', '/dated/k', 'between');
  const list = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
  await ask('POST', `/dated/k?uploadId=${uploadId}`, list);
  const got = await ask('GET', '/dated/k');
  expect(got.text).toBe('whole');
  const age = Date.parse(created.headers['date'] ?? '') - Date.parse(got.headers['last-modified'] ?? '');
  expect(Math.abs(age)).toBeLessThan(60_000);
  await own.close();
});

test('an empty last part is read as nothing', async () => {
  const UploadId = await start('hollow');
  await complete('hollow', UploadId, [
    await part('hollow', UploadId, 1, 'x'),
    await part('hollow', UploadId, 2, ''),
  ]);
  const read = (PartNumber: number) => s3.send(new GetObjectCommand({ Bucket, Key: 'hollow', PartNumber }));
  const [first, second] = [await read(1), await read(2)];
  expect([first.ContentLength, second.ContentLength, second.PartsCount]).toEqual([1, 0, 2]);
  expect(await second.Body?.transformToString()).toBe('');
});

test('a page of no uploads or parts is not truncated', async () => {
  const UploadId = await start('none');
  await part('none', UploadId, 1, 'x');
  const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 0 }));
  expect([uploads.IsTruncated, uploads.NextKeyMarker, uploads.Uploads]).toEqual([
    false,
    undefined,
    undefined,
  ]);
  const parts = await s3.send(new ListPartsCommand({ Bucket, Key: 'none', UploadId, MaxParts: 0 }));
  expect([parts.IsTruncated, parts.Parts]).toEqual([false, undefined]);
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'none', UploadId }));
});

test('wrong lists of parts are refused, and the upload goes on', async () => {
  const UploadId = await start('wrong');
  const one = await part('wrong', UploadId, 1, 'a');
  const two = await part('wrong', UploadId, 2, 'b');
  expect(await refusal(complete('wrong', UploadId, [two, one]))).toBe('400 InvalidPartOrder');
  expect(await refusal(complete('wrong', UploadId, [one, one]))).toBe('400 InvalidPartOrder');
  expect(await refusal(complete('wrong', UploadId, [one, { PartNumber: 3, ETag: '"x"' }]))).toBe(
    '400 InvalidPart',
  );
  expect(await refusal(complete('wrong', UploadId, [{ ...one, ETag: two.ETag }]))).toBe('400 InvalidPart');
  expect(await refusal(complete('wrong', UploadId, []))).toBe('400 MalformedXML');
  const wrongSize = complete('wrong', UploadId, [one, two], { MpuObjectSize: 3 });
  expect(await refusal(wrongSize)).toBe('400 InvalidRequest');
  await complete('wrong', UploadId, [one, two], { MpuObjectSize: 2 });
  expect(await textOf('wrong')).toBe('ab');
});

test('all parts but the last must have the minimum size', async () => {
  const strict = await testServer({ limits: { minimumPartSize: 10 } });
  const client = sdk(strict);
  await client.send(new CreateBucketCommand({ Bucket }));
  const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
  const Parts: CompletedPart[] = [];
  for (const PartNumber of [1, 2]) {
    const { ETag, ChecksumCRC32 } = await client.send(
      new UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber, Body: 'too small' }),
    );
    Parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }
  const command = (some: CompletedPart[]) =>
    new CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId, MultipartUpload: { Parts: some } });
  expect(await refusal(client.send(command(Parts)))).toBe('400 EntityTooSmall');
  await client.send(command(Parts.slice(0, 1)));
  client.destroy();
  await strict.close();
});

test('an aborted upload is gone', async () => {
  const UploadId = await start('aborted');
  await part('aborted', UploadId, 1, 'x');
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId }));
  expect(await refusal(part('aborted', UploadId, 2, 'x'))).toBe('404 NoSuchUpload');
  expect(await refusal(complete('aborted', UploadId, [{ PartNumber: 1, ETag: '"x"' }]))).toBe(
    '404 NoSuchUpload',
  );
  const again = new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId });
  expect(await refusal(s3.send(again))).toBe('404 NoSuchUpload');
});

test('conditions of a complete: one of many racers wins, and the losers may try again', async () => {
  const uploads = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const UploadId = await start('raced');
      return { UploadId, parts: [await part('raced', UploadId, 1, `racer ${index}`)] };
    }),
  );
  const results = await Promise.all(
    uploads.map(({ UploadId, parts }) => refusal(complete('raced', UploadId, parts, { IfNoneMatch: '*' }))),
  );
  expect(results.filter((result) => result === 'no refusal')).toHaveLength(1);
  expect(results.filter((result) => result === '412 PreconditionFailed')).toHaveLength(5);
  const winner = results.indexOf('no refusal');
  expect(await textOf('raced')).toBe(`racer ${winner}`);
  const loser = uploads[winner === 0 ? 1 : 0];
  await complete('raced', loser?.UploadId ?? '', loser?.parts ?? []);
  expect(await textOf('raced')).toBe(`racer ${winner === 0 ? 1 : 0}`);
});

test('parts are copied from objects, whole and by ranges', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'copied', Body: '0123456789' }));
  const UploadId = await start('assembled');
  const copyPart = async (PartNumber: number, CopySourceRange?: string) => {
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({
        Bucket,
        Key: 'assembled',
        UploadId,
        PartNumber,
        CopySource: `${Bucket}/copied`,
        ...(CopySourceRange ? { CopySourceRange } : {}),
      }),
    );
    return { PartNumber, ETag: CopyPartResult?.ETag };
  };
  const parts = [await copyPart(1, 'bytes=7-9'), await copyPart(2), await copyPart(3, 'bytes=0-0')];
  await complete('assembled', UploadId, parts);
  expect(await textOf('assembled')).toBe('78901234567890');
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html: first and last, both within the source.
test.each(['bytes=7-', 'bytes=-3', 'bytes=5-10', 'bytes=10-12', 'bytes=3-2', '0-1', 'bytes=0-1,3-4'])(
  'a part is not copied from the range %s of ten bytes',
  async (CopySourceRange) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'ten', Body: '0123456789' }));
    const copy = new UploadPartCopyCommand({
      Bucket,
      Key: 'halves',
      UploadId: await start('halves'),
      PartNumber: 1,
      CopySource: `${Bucket}/ten`,
      CopySourceRange,
    });
    expect(await refusal(s3.send(copy))).toBe('400 InvalidArgument');
  },
);

test('parts are listed in pages', async () => {
  const UploadId = await start('listed', { StorageClass: 'STANDARD_IA' });
  for (const number of [3, 1, 10, 2]) await part('listed', UploadId, number, `part ${number}`);
  const numbers: (number | undefined)[] = [];
  let PartNumberMarker: string | undefined;
  for (;;) {
    const page = await s3.send(
      new ListPartsCommand({
        Bucket,
        Key: 'listed',
        UploadId,
        MaxParts: 3,
        ...(PartNumberMarker ? { PartNumberMarker } : {}),
      }),
    );
    expect(page).toMatchObject({ StorageClass: 'STANDARD_IA', MaxParts: 3, UploadId });
    numbers.push(...(page.Parts ?? []).map(({ PartNumber }) => PartNumber));
    if (!page.IsTruncated) break;
    PartNumberMarker = page.NextPartNumberMarker;
  }
  expect(numbers).toEqual([1, 2, 3, 10]);
});

test('uploads are listed by key, then by age, in pages, with prefix and delimiter', async () => {
  const bucket = 'uploads-listed';
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const ids: string[] = [];
  for (const Key of ['b', 'a/1', 'a/1', 'a/2', 'a']) {
    const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    ids.push(UploadId);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const [b, a1old, a1new, a2, a] = ids;
  const seen: (string | undefined)[] = [];
  let markers = {};
  for (;;) {
    const page = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 2, ...markers }),
    );
    seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
    if (!page.IsTruncated) break;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
  expect(seen).toEqual([a, a1old, a1new, a2, b]);
  const grouped = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Delimiter: '/' }));
  expect((grouped.Uploads ?? []).map(({ Key }) => Key)).toEqual(['a', 'b']);
  expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
  const below = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: 'a/', KeyMarker: 'a/1' }),
  );
  expect((below.Uploads ?? []).map(({ UploadId }) => UploadId)).toEqual([a2]);
  // Uploads do not keep a bucket from being deleted.
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
});

const algorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
const cases = checksums.multipart
  .filter(({ parts }) => parts.every(({ length }) => length < 1_000_000))
  .filter(({ parts }) => parts.slice(0, -1).every(({ length }) => length > 0))
  .flatMap((vector) => algorithms.map((algorithm) => ({ ...vector, algorithm })));

test.each(cases)('checksums of the parts and the whole: $name, $algorithm', async (vector) => {
  const { algorithm } = vector;
  const name = algorithm.toUpperCase() as Uppercase<typeof algorithm>;
  // The full-object and composite tables hold different algorithms.
  const full = (vector.fullObject as Record<string, string>)[algorithm];
  const composite = (vector.composite as Record<string, string>)[algorithm];
  for (const [ChecksumType, expected] of [
    ['FULL_OBJECT', full],
    ['COMPOSITE', composite],
  ] as const) {
    const create = start('summed', { ChecksumAlgorithm: name, ChecksumType });
    if (expected === undefined) {
      expect(await refusal(create)).toBe('400 InvalidRequest');
      continue;
    }
    const UploadId = await create;
    const Parts: CompletedPart[] = [];
    for (const [index, { input, etag, ...rest }] of vector.parts.entries()) {
      const PartNumber = index + 1;
      const sent = await s3.send(
        new UploadPartCommand({
          Bucket,
          Key: 'summed',
          UploadId,
          PartNumber,
          Body: bytesOf(input),
          ChecksumAlgorithm: name,
        }),
      );
      expect([sent.ETag, sent[`Checksum${name}`]]).toEqual([etag, rest[algorithm]]);
      Parts.push({ PartNumber, ETag: etag, [`Checksum${name}`]: rest[algorithm] });
    }
    const done = await complete('summed', UploadId, Parts, { ChecksumType });
    expect([done.ETag, done[`Checksum${name}`], done.ChecksumType]).toEqual([
      vector.etag,
      expected,
      ChecksumType,
    ]);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'summed', ChecksumMode: 'ENABLED' }));
    expect([head[`Checksum${name}`], head.ChecksumType, head.ContentLength]).toEqual([
      expected,
      ChecksumType,
      vector.totalLength,
    ]);
  }
});

test.each([
  [{ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }, 'COMPOSITE', '400 BadDigest'],
  [{ ChecksumAlgorithm: 'CRC32', ChecksumType: 'COMPOSITE' }, 'FULL_OBJECT', '400 BadDigest'],
  [{ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }, 'BOGUS', '400 InvalidRequest'],
  [{}, 'COMPOSITE', '400 BadDigest'],
  [{}, 'FULL_OBJECT', 'no refusal'],
] as const)('an upload with %j cannot be completed as another kind: %s', async (options, type, expected) => {
  const UploadId = await start('kind', options);
  const { ETag, ChecksumCRC32 } = await s3.send(
    new UploadPartCommand({ Bucket, Key: 'kind', UploadId, PartNumber: 1, Body: 'a', ...options }),
  );
  const completing = complete('kind', UploadId, [{ PartNumber: 1, ETag, ChecksumCRC32 }], {
    ChecksumType: type,
  });
  expect(await refusal(completing)).toBe(expected);
});

test('lib-storage uploads a stream in parts', async () => {
  const client = sdk(server);
  const chunk = Buffer.alloc(1024 ** 2, 'seven b');
  const body = Readable.from(
    (function* () {
      for (let count = 0; count < 12; count += 1) yield chunk;
    })(),
  );
  const upload = new Upload({
    client,
    params: { Bucket, Key: 'uploaded', Body: body },
    partSize: 5 * 1024 ** 2,
    queueSize: 2,
  });
  const result = await upload.done();
  expect(result.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'uploaded' }));
  const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(Buffer.concat(Array.from({ length: 12 }, () => chunk)))).toBe(true);
  client.destroy();
}, 20_000);
