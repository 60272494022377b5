import { createHash } from 'node:crypto';
import { Signer, SigningIdentity, signChunked } from '@s3kit/sigv4';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type NotificationRecord,
  openInProcess,
  type S3Server,
  serverForTests,
  startServer,
  type TransportRequest,
} from '../src/index.ts';
import { alice, bob, codeOf, exchange, type RawRequest, raw, testServer } from './endpoint.ts';

const day = 24 * 3600 * 1000;
const seen: NotificationRecord[] = [];
let server: S3Server;

beforeEach(async () => {
  seen.length = 0;
  server = await testServer({ buckets: ['box'], onNotification: (record) => seen.push(record) });
});

afterEach(async () => {
  await server.close();
});

async function told(request: RawRequest): Promise<string> {
  const response = await raw(server, request);
  return [response.status, codeOf(response)].filter(Boolean).join(' ');
}

const put: RawRequest = { method: 'PUT', target: '/box/k', body: 'hello world' };
const get: RawRequest = { target: '/box/k' };

describe('faults', () => {
  test('an error for one operation, so often, after so many', async () => {
    server.inject({ operation: 'PutObject', error: {}, skip: 1, times: 2 });
    const statuses = [];
    for (let round = 0; round < 4; round += 1) statuses.push(await told(put));
    expect(statuses).toEqual(['200', '503 SlowDown', '503 SlowDown', '200']);
    expect(await told(get)).toBe('200');
  });

  test('only for a bucket and a key, until it is taken away', async () => {
    const stop = server.inject({
      bucket: 'box',
      key: 'k',
      times: 100,
      error: { status: 500, code: 'InternalError' },
    });
    expect(await told(put)).toBe('500 InternalError');
    expect(await told({ ...put, target: '/box/other' })).toBe('200');
    stop();
    expect(await told(put)).toBe('200');
  });

  test.each([
    [{ status: 403, code: 'AccessDenied' }, 'Access Denied'],
    [{}, 'Please reduce your request rate.'],
    [{ status: 500, code: 'OfAnotherService' }, 'The error was injected.'],
    [{ status: 403, code: 'AccessDenied', message: 'Not today' }, 'Not today'],
  ])('the message of the error %j', async (error, message) => {
    server.inject({ error });
    expect((await raw(server, get)).text).toContain(`<Message>${message}</Message>`);
  });

  test('an error behind a status of 200, and nothing is done', async () => {
    await raw(server, put);
    server.inject({ operation: 'CopyObject', error: { status: 200, code: 'InternalError' } });
    const copy = { method: 'PUT', target: '/box/copy', headers: { 'x-amz-copy-source': 'box/k' } };
    expect(await told(copy)).toBe('200 InternalError');
    expect(await told({ target: '/box/copy' })).toBe('404 NoSuchKey');
    expect(await told(copy)).toBe('200');
  });

  test('a reset before anything was done, and one after all of it was', async () => {
    server.inject({ operation: 'PutObject', reset: 'before' });
    await expect(raw(server, put)).rejects.toThrow('ECONNRESET');
    expect(await told(get)).toBe('404 NoSuchKey');
    server.inject({ operation: 'PutObject', reset: 'after' });
    await expect(raw(server, put)).rejects.toThrow('ECONNRESET');
    expect(await told(get)).toBe('200');
  });

  test('a body that breaks off', async () => {
    await raw(server, put);
    server.inject({ operation: 'GetObject', truncate: 5 });
    const response = await raw(server, get).catch((error: NodeJS.ErrnoException) => error.code);
    if (typeof response === 'object') {
      expect([response.headers['content-length'], response.text]).toEqual(['11', 'hello']);
    } else {
      expect(response).toBe('ECONNRESET');
    }
    expect((await raw(server, get)).text).toBe('hello world');
  });

  test('a delay', async () => {
    server.inject({ delay: 80 });
    const started = performance.now();
    await raw(server, put);
    expect(performance.now() - started).toBeGreaterThan(75);
  });

  test('an operation that there is not is refused', () => {
    expect(() => server.inject({ operation: 'PutObjekt' })).toThrow('fault.operation must be one of');
    for (const operation of [
      'ListBuckets',
      'ListObjects',
      'ListObjectsV2',
      'CopyObject',
      'UploadPartCopy',
      'GetBucketInventoryConfiguration',
      'ListBucketInventoryConfigurations',
      'PutBucketPolicy',
      'DeleteBucketLifecycle',
      'RenameObject',
    ]) {
      server.inject({ operation })();
    }
  });

  test('numbers that cannot be are refused', () => {
    expect(() => server.inject({ times: 0 })).toThrow('fault.times must be 1 or more');
    expect(() => server.inject({ delay: Number.NaN })).toThrow(RangeError);
  });
});

test('reset leaves the buckets of the options, no data, no faults and no files', async () => {
  await raw(server, put);
  await raw(server, { method: 'PUT', target: '/other' });
  server.inject({ error: {} });
  await server.reset();
  expect((await raw(server, { target: '/' })).text.match(/<Name>.*?<\/Name>/g)).toEqual(['<Name>box</Name>']);
  expect(await told(get)).toBe('404 NoSuchKey');
  expect(await told(put)).toBe('200');
});

test('requests are recorded with their operations', async () => {
  const recording = server.record();
  await raw(server, put);
  await raw(server, { target: '/box?list-type=2&prefix=x', user: bob });
  await raw(server, { method: 'DELETE', target: '/box?cors' });
  await expect.poll(() => recording.requests.length).toBe(3);
  recording.stop();
  await raw(server, get);
  expect(recording.requests).toMatchObject([
    { operation: 'PutObject', bucket: 'box', key: 'k', caller: 'alice', status: 200 },
    {
      operation: 'ListObjectsV2',
      bucket: 'box',
      key: '',
      caller: 'bob',
      status: 403,
      errorCode: 'AccessDenied',
    },
    { operation: 'DeleteBucketCors', bucket: 'box', status: 204 },
  ]);
});

test('notifications are told to the callback, as the bucket asks for them', async () => {
  const body = `<NotificationConfiguration><QueueConfiguration><Id>q</Id><Queue>arn:aws:sqs:us-east-1:111122223333:q</Queue><Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:Delete</Event><Filter><S3Key><FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter></QueueConfiguration></NotificationConfiguration>`;
  await raw(server, { method: 'PUT', target: '/box?notification', body });
  await raw(server, put);
  await raw(server, { ...put, target: '/box/a%20b.jpg' });
  await raw(server, { method: 'PUT', target: '/box/c.jpg', headers: { 'x-amz-copy-source': 'box/k' } });
  await raw(server, { method: 'DELETE', target: '/box/c.jpg' });
  expect(seen.map(({ eventName, s3 }) => [eventName, s3.object.key, s3.configurationId])).toEqual([
    ['ObjectCreated:Put', 'a+b.jpg', 'q'],
    ['ObjectCreated:Copy', 'c.jpg', 'q'],
    ['ObjectRemoved:Delete', 'c.jpg', 'q'],
  ]);
  expect(seen[0]?.s3.object).toMatchObject({ size: 11, eTag: '5eb63bbbe01eeed093cb22bb8f5acdc3' });
});

describe('the clock', () => {
  const lifecycle = (rule: string) => ({
    method: 'PUT',
    target: '/box?lifecycle',
    body: `<LifecycleConfiguration><Rule><Status>Enabled</Status>${rule}</Rule></LifecycleConfiguration>`,
  });

  test('objects expire on the day that their rule names, and only those that it is for', async () => {
    const rule =
      '<Filter><And><Prefix>logs/</Prefix><Tag><Key>keep</Key><Value>no</Value></Tag></And></Filter>';
    expect(await told(lifecycle(`${rule}<Expiration><Days>10</Days></Expiration>`))).toBe('200');
    const headers = { 'x-amz-tagging': 'keep=no' };
    await raw(server, { ...put, target: '/box/logs/1', headers });
    await raw(server, { ...put, target: '/box/logs/2' });
    await raw(server, { ...put, target: '/box/other', headers });
    await server.advanceClock(9 * day);
    expect(await told({ target: '/box/logs/1' })).toBe('200');
    await server.advanceClock(2 * day);
    expect(await told({ target: '/box/logs/1' })).toBe('404 NoSuchKey');
    expect([await told({ target: '/box/logs/2' }), await told({ target: '/box/other' })]).toEqual([
      '200',
      '200',
    ]);
  });

  test('old versions go, then the lone delete marker', async () => {
    const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
    await raw(server, { method: 'PUT', target: '/box?versioning', body });
    const rule =
      '<Filter/><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration><NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>';
    expect(await told(lifecycle(rule))).toBe('200');
    await raw(server, put);
    await raw(server, put);
    await raw(server, { method: 'DELETE', target: '/box/k' });
    const count = async () =>
      (await raw(server, { target: '/box?versions' })).text.match(/<(Version|DeleteMarker)>/g)?.length ?? 0;
    expect(await count()).toBe(3);
    await server.advanceClock(5 * day);
    expect(await count()).toBe(1);
    await server.advanceClock(day);
    expect(await count()).toBe(0);
  });

  test('uploads are forgotten, and objects change their storage class', async () => {
    const rule =
      '<Prefix/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>';
    expect(await told(lifecycle(rule))).toBe('200');
    await raw(server, put);
    await raw(server, { method: 'POST', target: '/box/up?uploads' });
    await server.advanceClock(3 * day);
    expect((await raw(server, { target: '/box?uploads' })).text).not.toContain('<Upload>');
    expect(await told(get)).toBe('200');
    await server.advanceClock(30 * day);
    expect(await told(get)).toBe('403 InvalidObjectState');
  });

  const transition = (days: number, storageClass: string) =>
    `<Transition><Days>${days}</Days><StorageClass>${storageClass}</StorageClass></Transition>`;
  const storageClass = async () =>
    (await raw(server, { method: 'HEAD', target: '/box/k' })).headers['x-amz-storage-class'];

  test.each([
    [
      'in this order',
      [
        [30, 'STANDARD_IA'],
        [90, 'GLACIER'],
      ],
    ],
    [
      'in the other order',
      [
        [90, 'GLACIER'],
        [30, 'STANDARD_IA'],
      ],
    ],
    [
      'in the middle',
      [
        [30, 'STANDARD_IA'],
        [90, 'GLACIER'],
        [60, 'INTELLIGENT_TIERING'],
      ],
    ],
  ] as const)('the transition that was due last decides, %s', async (_, transitions) => {
    const all = transitions.map(([days, name]) => transition(days, name));
    expect(await told(lifecycle(`<Filter/>${all.join('')}`))).toBe('200');
    await raw(server, put);
    await server.advanceClock(100 * day);
    expect(await storageClass()).toBe('GLACIER');
  });

  test('the transition that was due last decides, in whichever rule; at one time the cheaper class', async () => {
    const rules = (...transitions: string[]) => {
      const text = transitions.map((each) => `<Rule><Status>Enabled</Status><Filter/>${each}</Rule>`);
      const body = `<LifecycleConfiguration>${text.join('')}</LifecycleConfiguration>`;
      return { method: 'PUT', target: '/box?lifecycle', body };
    };
    expect(await told(rules(transition(90, 'GLACIER_IR'), transition(30, 'STANDARD_IA')))).toBe('200');
    await raw(server, put);
    await server.advanceClock(50 * day);
    expect(await storageClass()).toBe('STANDARD_IA');
    await server.advanceClock(50 * day);
    expect(await storageClass()).toBe('GLACIER_IR');
    expect(await told(rules(transition(100, 'GLACIER'), transition(100, 'STANDARD_IA')))).toBe('200');
    await server.advanceClock(2 * day);
    expect(await storageClass()).toBe('GLACIER');
  });

  test('answers say when an object expires, and by which rule', async () => {
    const now = new Date('2026-12-20T13:00:00Z');
    const frozen = await testServer({ buckets: ['box'], now: () => now });
    const rule = (id: string, prefix: string, days: number, status = 'Enabled') =>
      `<Rule><ID>${id}</ID><Prefix>${prefix}</Prefix><Status>${status}</Status><Expiration><Days>${days}</Days></Expiration></Rule>`;
    const rules =
      rule('later', '', 9) + rule('two days', 'a/', 2) + rule('off', '', 1, 'Disabled') + rule('b', 'b/', 1);
    const ask = (request: RawRequest) => raw(frozen, { ...request, date: now });
    await ask({
      method: 'PUT',
      target: '/box?lifecycle',
      body: `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`,
    });
    await ask({
      method: 'PUT',
      target: '/box?versioning',
      body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    });
    const expiration = async (request: RawRequest) => (await ask(request)).headers['x-amz-expiration'];
    // The form of S3's reference, with the midnight behind the two days.
    const expected = 'expiry-date="Wed, 23 Dec 2026 00:00:00 GMT", rule-id="two%20days"';
    expect(await expiration({ method: 'PUT', target: '/box/a/k', body: 'x' })).toBe(expected);
    expect(await expiration({ target: '/box/a/k' })).toBe(expected);
    expect(await expiration({ method: 'HEAD', target: '/box/a/k' })).toBe(expected);
    const copy = { method: 'PUT', target: '/box/a/copy', headers: { 'x-amz-copy-source': 'box/a/k' } };
    expect(await expiration(copy)).toBe(expected);
    expect(await expiration({ method: 'PUT', target: '/box/c', body: 'x' })).toContain('rule-id="later"');
    const [, older] =
      /<VersionId>(.*?)</.exec((await ask({ target: '/box?versions&prefix=a/k' })).text) ?? [];
    await ask({ method: 'PUT', target: '/box/a/k', body: 'y' });
    expect(await expiration({ target: `/box/a/k?versionId=${older}` })).toBe(undefined);
    const [, id] =
      /<UploadId>(.*?)</.exec((await ask({ method: 'POST', target: '/box/a/m?uploads' })).text) ?? [];
    const part = await ask({ method: 'PUT', target: `/box/a/m?partNumber=1&uploadId=${id}`, body: 'x' });
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`;
    expect(await expiration({ method: 'POST', target: `/box/a/m?uploadId=${id}`, body })).toBe(expected);
    await frozen.close();
  });

  test('answers say when an upload is forgotten, and by which rule', async () => {
    const now = new Date('2026-12-20T00:00:00Z');
    const frozen = await testServer({ buckets: ['box'], now: () => now });
    const ask = (request: RawRequest) => raw(frozen, { ...request, date: now });
    await ask(
      lifecycle(
        '<ID>uploads</ID><Filter><Prefix>a/</Prefix></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
      ),
    );
    const begun = await ask({ method: 'POST', target: '/box/a/m?uploads' });
    const [, id] = /<UploadId>(.*?)</.exec(begun.text) ?? [];
    const listed = await ask({ target: `/box/a/m?uploadId=${id}` });
    for (const { headers } of [begun, listed]) {
      expect(headers).toMatchObject({
        'x-amz-abort-date': 'Mon, 21 Dec 2026 00:00:00 GMT',
        'x-amz-abort-rule-id': 'uploads',
      });
    }
    const other = await ask({ method: 'POST', target: '/box/m?uploads' });
    expect(other.headers).not.toHaveProperty('x-amz-abort-date');
    await frozen.close();
  });

  test('it does not run backwards', async () => {
    await expect(server.advanceClock(-1)).rejects.toThrow(RangeError);
  });
});

test('verify: false takes any signature, and who sent it by the name', async () => {
  const open = await startServer({ verify: false, users: [alice, bob], buckets: ['mine'] });
  const wrong = { ...bob, secretAccessKey: 'not his secret' };
  const request = async (user: typeof alice | null) => {
    const response = await raw(open, { target: '/mine', user });
    return [response.status, codeOf(response)];
  };
  expect(await request(wrong)).toEqual([403, 'AccessDenied']);
  expect(await request({ ...alice, secretAccessKey: 'wrong' })).toEqual([200, undefined]);
  expect(await request({ accessKeyId: 'nobody', secretAccessKey: 'x' })).toEqual([200, undefined]);
  expect(await request(null)).toEqual([200, undefined]);
  await open.close();
});

test('a bucket that cannot be is refused at the start', async () => {
  await expect(startServer({ buckets: ['No_Bucket'] })).rejects.toThrow('buckets: "No_Bucket"');
});

describe('without a socket', () => {
  const signer = new Signer({ region: 'us-east-1', credentials: alice });

  function request(method: string, target: string, body = ''): TransportRequest {
    const [path = '', query = ''] = target.split('?');
    const bytes = Buffer.from(body);
    const { headers } = signer.sign({ method, host: 'localhost', path, query, headers: {}, body: bytes });
    return { method, target, headers, hostname: 'localhost', port: 80, body: { kind: 'bytes', bytes } };
  }

  async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  test('requests are answered as they are over one', async () => {
    await using open = await openInProcess({ users: [alice], buckets: ['box'] });
    const sent = await open.transport(request('PUT', '/box/k', 'text'));
    expect([sent.status, sent.headers['etag']]).toEqual([200, '"1cb251ec0d568de6a929b520c4aed8d1"']);
    const got = await open.transport(request('GET', '/box/k'));
    expect([got.headers['content-length'], await textOf(got.body)]).toEqual(['4', 'text']);
    const head = await open.transport(request('HEAD', '/box/k'));
    expect([head.headers['content-length'], await textOf(head.body)]).toEqual(['4', '']);
    const none = await open.transport(request('GET', '/box/none'));
    expect([none.status, await textOf(none.body)]).toEqual([404, expect.stringContaining('NoSuchKey')]);
  });

  test('faults and signals end an exchange', async () => {
    await using open = await openInProcess({ users: [alice], buckets: ['box'] });
    open.inject({ reset: 'after' });
    await expect(open.transport(request('PUT', '/box/k', 'text'))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    open.inject({ truncate: 2 });
    const got = await open.transport(request('GET', '/box/k'));
    await expect(textOf(got.body)).rejects.toMatchObject({ name: 'TransportError', code: 'ECONNRESET' });
    await expect(open.transport(request('GET', '/box/k'), AbortSignal.abort())).rejects.toThrow('aborted');
  });
});

describe('bodies in signed chunks', () => {
  const identity = new SigningIdentity({ region: 'us-east-1', credentials: alice });
  const body = Buffer.alloc(20_000, 'chunk');

  function chunked(options: { trailer?: string; spoil?: (bytes: Buffer) => Buffer }): Buffer {
    const host = `127.0.0.1:${server.port}`;
    const { trailer, spoil = (bytes) => bytes } = options;
    const upload = signChunked(
      identity,
      { method: 'PUT', host, path: '/box/chunks', query: '', headers: { 'content-encoding': 'gzip' } },
      {
        decodedLength: body.length,
        chunkSize: 8192,
        ...(trailer === undefined
          ? {}
          : { trailers: [{ name: 'x-amz-checksum-sha256', value: () => trailer, length: trailer.length }] }),
      } as Parameters<typeof signChunked>[2],
    );
    const head = Object.entries({ host, ...upload.headers, connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    const bytes = Buffer.concat([...upload.encode([body])]);
    return Buffer.concat([Buffer.from(`PUT /box/chunks HTTP/1.1\r\n${head.join('')}\r\n`), spoil(bytes)]);
  }

  test('are verified, and stored without the framing', async () => {
    const sent = await exchange(server, chunked({}));
    expect([sent.status, codeOf(sent)]).toEqual([200, undefined]);
    const got = await raw(server, { target: '/box/chunks' });
    expect([got.body.equals(body), got.headers['content-encoding']]).toEqual([true, 'gzip']);
  });

  test('are refused with one byte of another value', async () => {
    const spoil = (bytes: Buffer): Buffer => {
      const copy = Buffer.from(bytes);
      copy[9000] = (copy[9000] ?? 0) ^ 1;
      return copy;
    };
    const sent = await exchange(server, chunked({ spoil }));
    expect([sent.status, codeOf(sent)]).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await told({ target: '/box/chunks' })).toBe('404 NoSuchKey');
  });

  test('may have a signed trailer with a checksum', async () => {
    const good = createHash('sha256').update(body).digest('base64');
    expect((await exchange(server, chunked({ trailer: good }))).status).toBe(200);
    const bad = createHash('sha256').update('other').digest('base64');
    const refused = await exchange(server, chunked({ trailer: bad }));
    expect([refused.status, codeOf(refused)]).toEqual([400, 'BadDigest']);
  });
});

describe('the hooks of a test runner', () => {
  const own = serverForTests({ beforeAll, afterEach, afterAll }, { users: [alice], buckets: ['box'] });

  test.each([1, 2])('each test begins with nothing (%i)', async () => {
    expect((await raw(own(), { target: '/box?list-type=2' })).text).toContain('<KeyCount>0</KeyCount>');
    expect((await raw(own(), { method: 'PUT', target: '/box/k', body: 'x' })).status).toBe(200);
  });
});
