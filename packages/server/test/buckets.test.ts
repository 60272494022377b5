import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isBucketName } from '../src/bucket-name.ts';
import type { S3Server } from '../src/index.ts';
import { alice, bob, codeOf, raw, refusal, sdk, testServer } from './endpoint.ts';
import bucketNames from './vectors/bucket-names.json' with { type: 'json' };

let server: S3Server;
let s3: S3Client;
let bobs: S3Client;

beforeAll(async () => {
  server = await testServer();
  s3 = sdk(server);
  bobs = sdk(server, { credentials: bob });
});

afterAll(async () => {
  s3.destroy();
  bobs.destroy();
  await server.close();
});

test.each(bucketNames.filter(({ creatable }) => creatable !== null))(
  'bucket name $name',
  ({ name, creatable }) => {
    expect(isBucketName(name)).toBe(creatable);
  },
);

test('a bucket is made, found, listed and deleted', async () => {
  const before = Date.now();
  const created = await s3.send(new CreateBucketCommand({ Bucket: 'first-bucket' }));
  expect(created.Location).toBe('/first-bucket');
  expect((await s3.send(new HeadBucketCommand({ Bucket: 'first-bucket' }))).BucketRegion).toBe('us-east-1');
  const { Buckets = [], Owner } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toEqual(['first-bucket']);
  expect(Buckets[0]?.CreationDate?.getTime()).toBeGreaterThanOrEqual(before - 1000);
  expect(Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  const deleted = await s3.send(new DeleteBucketCommand({ Bucket: 'first-bucket' }));
  expect(deleted.$metadata.httpStatusCode).toBe(204);
  expect(await refusal(s3.send(new HeadBucketCommand({ Bucket: 'first-bucket' })))).toBe('404 NotFound');
  expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket: 'first-bucket' })))).toBe(
    '404 NoSuchBucket',
  );
});

test('a bucket name may be taken: by its owner in us-east-1 it may be made again', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'taken' }));
  const again = await s3.send(new CreateBucketCommand({ Bucket: 'taken' }));
  expect(again.$metadata.httpStatusCode).toBe(200);
  expect(await refusal(bobs.send(new CreateBucketCommand({ Bucket: 'taken' })))).toBe(
    '409 BucketAlreadyExists',
  );
});

test('a bucket of another region tells it, and is not made twice', async () => {
  const command = new CreateBucketCommand({
    Bucket: 'in-ireland',
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  });
  await s3.send(command);
  const location = await s3.send(new GetBucketLocationCommand({ Bucket: 'in-ireland' }));
  expect(location.LocationConstraint).toBe('eu-west-1');
  expect((await s3.send(new HeadBucketCommand({ Bucket: 'in-ireland' }))).BucketRegion).toBe('eu-west-1');
  expect(await refusal(s3.send(command))).toBe('409 BucketAlreadyOwnedByYou');
  await s3.send(new CreateBucketCommand({ Bucket: 'in-virginia' }));
  const virginia = await raw(server, { target: '/in-virginia?location' });
  expect(virginia.text).toContain('<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>');
});

test('a location constraint that is no region is refused', async () => {
  const body =
    '<CreateBucketConfiguration><LocationConstraint>nowhere</LocationConstraint></CreateBucketConfiguration>';
  const response = await raw(server, { method: 'PUT', target: '/nowhere-bucket', body });
  expect([response.status, codeOf(response)]).toEqual([400, 'InvalidLocationConstraint']);
  const malformed = await raw(server, { method: 'PUT', target: '/nowhere-bucket', body: '<Wrong/>' });
  expect([malformed.status, codeOf(malformed)]).toEqual([400, 'MalformedXML']);
});

test('a server of another region wants its own name as the constraint', async () => {
  const irish = await testServer({ region: 'eu-west-1' });
  const client = sdk(irish, { region: 'eu-west-1' });
  await client.send(new CreateBucketCommand({ Bucket: 'irish' }));
  expect(await refusal(client.send(new CreateBucketCommand({ Bucket: 'irish' })))).toBe(
    '409 BucketAlreadyOwnedByYou',
  );
  const bare = await raw(irish, { method: 'PUT', target: '/bare-bucket', region: 'eu-west-1' });
  expect([bare.status, codeOf(bare)]).toEqual([400, 'IllegalLocationConstraintException']);
  const wrong = await raw(irish, { target: '/', region: 'us-east-1' });
  expect([wrong.status, codeOf(wrong)]).toEqual([400, 'AuthorizationHeaderMalformed']);
  expect(wrong.text).toContain('<Region>eu-west-1</Region>');
  client.destroy();
  await irish.close();
});

test('names that S3 refuses are refused', async () => {
  const response = await raw(server, { method: 'PUT', target: '/Not_A_Bucket' });
  expect([response.status, codeOf(response)]).toEqual([400, 'InvalidBucketName']);
});

test('a bucket with an object is not deleted', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'not-empty' }));
  await s3.send(new PutObjectCommand({ Bucket: 'not-empty', Key: 'k', Body: 'x' }));
  expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket: 'not-empty' })))).toBe('409 BucketNotEmpty');
});

test('a bucket belongs to who made it', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'alices' }));
  expect(await refusal(bobs.send(new HeadBucketCommand({ Bucket: 'alices' })))).toBe('403 Unknown');
  expect(await refusal(bobs.send(new PutObjectCommand({ Bucket: 'alices', Key: 'k', Body: 'x' })))).toBe(
    '403 AccessDenied',
  );
  expect(await refusal(bobs.send(new DeleteBucketCommand({ Bucket: 'alices' })))).toBe('403 AccessDenied');
  const { Buckets = [] } = await bobs.send(new ListBucketsCommand({}));
  expect(Buckets).toEqual([]);
});

test('buckets are listed in pages, by prefix and by region', async () => {
  for (const name of ['page-a', 'page-b', 'page-c']) await s3.send(new CreateBucketCommand({ Bucket: name }));
  const names: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListBucketsCommand({
        Prefix: 'page-',
        MaxBuckets: 2,
        ...(ContinuationToken ? { ContinuationToken } : {}),
      }),
    );
    names.push(...(page.Buckets ?? []).map(({ Name }) => Name));
    ContinuationToken = page.ContinuationToken;
  } while (ContinuationToken);
  expect(names).toEqual(['page-a', 'page-b', 'page-c']);
  const irish = await s3.send(new ListBucketsCommand({ BucketRegion: 'eu-west-1' }));
  expect((irish.Buckets ?? []).map(({ Name }) => Name)).toEqual(['in-ireland']);
});

test('path style and virtual-host style name the same bucket, with a slash at the end or not', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'two.styles' }));
  await s3.send(new PutObjectCommand({ Bucket: 'two.styles', Key: 'k', Body: 'text' }));
  for (const target of ['/two.styles', '/two.styles/']) {
    expect((await raw(server, { target })).text).toContain('<Name>two.styles</Name>');
  }
  for (const host of [
    `two.styles.localhost:${server.port}`,
    `two.styles.127.0.0.1:${server.port}`,
    'TWO.styles.localhost',
  ]) {
    expect((await raw(server, { target: '/k', host })).text).toBe('text');
    expect((await raw(server, { target: '/?list-type=2', host })).text).toContain('<Name>two.styles</Name>');
  }
});

test('an expected owner must be the owner', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'expected' }));
  const { Owner } = await s3.send(new ListBucketsCommand({}));
  const head = (owner: string) => new HeadBucketCommand({ Bucket: 'expected', ExpectedBucketOwner: owner });
  expect((await s3.send(head(Owner?.ID ?? ''))).$metadata.httpStatusCode).toBe(200);
  expect(await refusal(s3.send(head('111122223333')))).toBe('403 Unknown');
});

test('no signature, no answer', async () => {
  const anonymous = await raw(server, { target: '/', user: null });
  expect([anonymous.status, codeOf(anonymous)]).toEqual([403, 'AccessDenied']);
  const stranger = await raw(server, { target: '/', user: { ...alice, accessKeyId: 'stranger' } });
  expect([stranger.status, codeOf(stranger)]).toEqual([403, 'InvalidAccessKeyId']);
});
