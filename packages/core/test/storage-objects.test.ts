import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CopySourceOptions, S3Connection, S3Name, Storage } from '../src/index.ts';
import { refuse, reply, ScriptedServer } from './scripted-server.ts';

interface RequestVector {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface ResponseVector {
  readonly name: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface ProtocolVector {
  readonly id: string;
  readonly method: string;
  readonly uri: string;
  readonly resolvedHost?: string;
  readonly queryParams?: readonly string[];
  readonly body: string;
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as T;
const vectors = read<{ requests: RequestVector[]; responses: ResponseVector[] }>('s3-xml');
const protocol = read<ProtocolVector[]>('s3-protocol');

const bodyOf = (name: string): string => vectors.responses.find((vector) => vector.name === name)?.body ?? '';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

// biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
const anyFile = 'uploads/${filename}';

const lines = (): string[] => server.arrived.map(({ method, target }) => `${method} ${target}`);

const copied = '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>';

describe('requests stand on the wire as botocore writes them', () => {
  const calls: Readonly<Record<string, (storage: Storage) => Promise<unknown>>> = {
    'create-bucket-location': (storage) =>
      storage.bucketCreate('b00', {
        data: { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } },
      }),
    'put-versioning': (storage) =>
      storage.bucketSetVersioning('b00', { data: { VersioningConfiguration: { Status: 'Enabled' } } }),
    restore: (storage) => storage.objectRestore(new S3Name('k', 'b00'), { days: 3, tier: 'Bulk' }),
    'put-object-meta': (storage) =>
      storage.write({ text: '' }, new S3Name('a b/+%', 'b00'), {
        metadata: { Foo: 'bar', x: 'y' },
        contentType: 'text/plain',
        ifNoneMatch: '*',
        expires: new Date('2024-02-29T00:00:00.000Z'),
      }),
    'upload-part': (storage) =>
      storage.request({
        method: 'PUT',
        bucket: 'b00',
        key: 'k',
        params: { partNumber: 7, uploadId: 'x y' },
        data: 'abc',
      }),
    copy: (storage) =>
      storage.copy(new S3Name('a b', 'src'), new S3Name('k', 'b00'), {
        sourceVersionId: '1',
        headers: { 'x-amz-metadata-directive': 'REPLACE' },
      }),
  };

  test.each(
    vectors.requests.filter((vector) => vector.name in calls).map((vector) => [vector.name, vector] as const),
  )('%s', async (vectorName, vector) => {
    server.script(reply(200, vectorName === 'copy' ? copied : ''));
    await calls[vectorName]?.(server.storage());
    const sent = server.arrived.at(-1);
    const [path, query = ''] = (sent?.target ?? '').split('?');
    const [wantedPath = '', subresource] = vector.path.split('?');
    expect(sent?.method).toBe(vector.method);
    // A bucket's name has three letters at least.
    expect(path).toBe(wantedPath.replace(/^\/b/, '/b00'));
    const pairs = Object.entries(vector.query).map(([key, value]) => [key, String(value)]);
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
      ...(subresource === undefined ? {} : { [subresource]: '' }),
      ...Object.fromEntries(pairs),
    });
    for (const [header, value] of Object.entries(vector.headers)) {
      expect(sent?.headers[header.toLowerCase()], header).toBe(value);
    }
    if (vector.body !== '') expect(sent?.body.toString().replace(/^<\?xml.*?\?>\s*/, '')).toBe(vector.body);
  });

  test('all of these are there', () => {
    const found = vectors.requests.filter((vector) => vector.name in calls);
    expect(found).toHaveLength(Object.keys(calls).length);
  });
});

describe('requests stand on the wire as Smithy’s tests want them', () => {
  /** A storage of Amazon’s hosts, and what it sends. */
  function watched(): { storage: Storage; sent: { method: string; host: string; target: string }[] } {
    const sent: { method: string; host: string; target: string }[] = [];
    const connection = new S3Connection(
      { accessKeyId: 'a', secretAccessKey: 'b', region: 'us-west-2' },
      {
        transport: async ({ method, hostname, target }) => {
          sent.push({ method, host: hostname, target });
          return {
            status: 200,
            statusText: 'OK',
            headers: { 'content-length': '0' },
            body: (async function* (): AsyncGenerator<Uint8Array> {})(),
            destroy: () => undefined,
          };
        },
      },
    );
    return { storage: new Storage(connection), sent };
  }
  const vector = (id: string): ProtocolVector | undefined => protocol.find((one) => one.id === id);

  test.each([
    [
      'S3EscapeObjectKeyInUriLabel',
      (storage: Storage) => storage.objectDeleteTagging(new S3Name('my key.txt', 'mybucket')),
    ],
    [
      'S3PreservesLeadingDotSegmentInUriLabel',
      (storage: Storage) => storage.readBytes(new S3Name('../key.txt', 'mybucket')),
    ],
  ])('%s', async (id, call) => {
    const { storage, sent } = watched();
    await call(storage);
    const wanted = vector(id);
    const query = (wanted?.queryParams ?? []).map((parameter) => `${parameter}=`).join('&');
    expect(sent).toEqual([
      {
        method: wanted?.method,
        host: wanted?.resolvedHost,
        target: query === '' ? wanted?.uri : `${wanted?.uri}?${query}`,
      },
    ]);
  });

  test('OutOfOrderVersions', async () => {
    server.script(reply(200, vector('OutOfOrderVersions')?.body));
    const versions: string[] = [];
    for await (const version of server.storage().bucketListVersions('b00')) {
      if (typeof version === 'string') continue;
      const { key, versionId, isLatest, isDeleteMarker, size } = version;
      versions.push(`${key} ${versionId} ${isLatest} ${isDeleteMarker} ${size}`);
    }
    expect(versions).toEqual([
      'build.gradle.kts null true true ',
      'build.gradle.kts IfK9Z4.H5TLAtMxFrxN_C7rFEZbufF3V false false 6903',
      'file-2 o98RL6vmlOYiymftbX7wgy_4XWQG4AmY true true ',
      'file-2 PSVAbvQihRdsNiktGothjGng7q.5ou9Q false false 14',
    ]);
  });
});

describe('listings', () => {
  const page = (content: string, next = ''): string =>
    `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>${next !== ''}</IsTruncated>${next}${content}</ListVersionsResult>`;
  const version = (tag: string, key: string, id: string, day: number): string =>
    `<${tag}><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${id === '3'}</IsLatest><LastModified>2024-01-0${day}T00:00:00Z</LastModified></${tag}>`;

  test('versions come by key and age, page by page, names decoded', async () => {
    server.script(
      reply(
        200,
        page(
          version('Version', 'a', '1', 1) +
            version('Version', 'a', '3', 3) +
            version('Version', '%F0%9F%98%80', '1', 1) +
            version('DeleteMarker', 'a', '2', 2) +
            version('DeleteMarker', '%EF%BF%BD', '1', 1) +
            '<CommonPrefixes><Prefix>p+q%2F</Prefix></CommonPrefixes>',
          '<NextKeyMarker>a+b</NextKeyMarker><NextVersionIdMarker>i+d</NextVersionIdMarker>',
        ),
      ),
      reply(200, page(version('Version', 'z', '3', 1))),
    );
    const found: string[] = [];
    const options = { prefix: 'p', delimiter: '/', requestPayer: 'requester' } as const;
    for await (const one of server.storage().bucketListVersions('b00', options)) {
      found.push(typeof one === 'string' ? one : `${one.key} ${one.versionId}`);
    }
    // U+FFFD is before U+1F600 in UTF-8, and after it in UTF-16.
    expect(found).toEqual(['a 3', 'a 2', 'a 1', '\ufffd 1', '😀 1', 'p q/', 'z 3']);
    expect(lines()).toEqual([
      'GET /b00?delimiter=%2F&encoding-type=url&prefix=p&versions=',
      'GET /b00?delimiter=%2F&encoding-type=url&key-marker=a%20b&prefix=p&version-id-marker=i%2Bd&versions=',
    ]);
    expect(server.arrived[1]?.headers['x-amz-request-payer']).toBe('requester');
  });

  // S3's reference: versions come with the one that was stored last first. Its times are whole seconds, and that of an object that
  // was sent in parts is when that began.
  test('versions and markers come in the order of the document, whatever their times', async () => {
    server.script(
      reply(
        200,
        page(
          version('Version', 'a', '3', 1) +
            version('DeleteMarker', 'a', '2', 1) +
            version('Version', 'a', '1', 2) +
            version('DeleteMarker', 'a', '0', 1),
        ),
      ),
    );
    const found: string[] = [];
    for await (const one of server.storage().bucketListVersions('b00'))
      if (typeof one !== 'string') found.push(`${one.versionId} ${one.isDeleteMarker}`);
    expect(found).toEqual(['3 false', '2 true', '1 false', '0 true']);
  });

  test('names that Ceph has encoded without saying so are asked for as they are', async () => {
    const upload = (key: string): string =>
      `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>${key}</Key><UploadId>u</UploadId></Upload></ListMultipartUploadsResult>`;
    server.script(reply(200, upload('a%20b')), reply(200, upload('a b')));
    const first = await server.storage().bucketListUploads('b00').next();
    expect(first.value).toMatchObject({ key: 'a b', uploadId: 'u' });
    expect(lines()).toEqual(['GET /b00?encoding-type=url&uploads=', 'GET /b00?uploads=']);
  });

  test('a marker that Ceph has left as it is stays so', async () => {
    const next = '<NextKeyMarker>a+b%</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>';
    server.script(reply(200, page(version('Version', 'a%2Bb%25', '1', 1), next)), reply(200, page('')));
    const listing = server.storage().bucketListVersions('b00');
    expect(await listing.next()).toMatchObject({ value: { key: 'a+b%' } });
    expect(await listing.next()).toMatchObject({ done: true });
    expect(lines()[1]).toBe('GET /b00?encoding-type=url&key-marker=a%2Bb%25&version-id-marker=1&versions=');
  });

  test('the next page is not asked for before it is wanted', async () => {
    server.script(reply(200, page(version('Version', 'a', '1', 1), '<NextKeyMarker>a</NextKeyMarker>')));
    for await (const _ of server.storage().bucketListVersions('b00')) break;
    expect(lines()).toHaveLength(1);
  });

  test.each([
    ['says that there is more, but not from where', '', /not from where/],
    ['goes on from where it began', '<NextKeyMarker>a</NextKeyMarker>', /where this page began/],
  ])('a page that %s is an error', async (_, next, message) => {
    server.script(
      reply(200, `<ListVersionsResult><IsTruncated>true</IsTruncated>${next}</ListVersionsResult>`),
    );
    const all = async (): Promise<void> => {
      for await (const _ of server.storage().bucketListVersions('b00'));
    };
    await expect(all()).rejects.toThrow(message);
  });

  test('a listing of something else is an error', async () => {
    server.script(reply(200, '<ListBucketResult><Name>b00</Name></ListBucketResult>'));
    await expect(server.storage().bucketListUploads('b00').next()).rejects.toThrow(/sent no listing/);
  });

  test('a signal ends a listing', async () => {
    const listing = server
      .storage()
      .bucketListVersions('b00', { signal: AbortSignal.abort(new Error('enough')) });
    await expect(listing.next()).rejects.toThrow(/enough/);
  });

  test('parts of an upload', async () => {
    server.script(
      reply(200, bodyOf('list-parts')),
      reply(200, '<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>'),
    );
    const parts: string[] = [];
    for await (const part of server.storage().uploadListParts('k', 'u')) {
      parts.push(`${part.partNumber} ${part.eTag} ${part.bytes} ${part.modifiedAt.toISOString()}`);
    }
    expect(parts).toEqual([
      '2 "7778aef83f66abc1fa1e8477f296d394" 10485760 2010-11-10T20:48:34.000Z',
      '3 "aaaa18db4cc2f85cedef654fccc4a4x8" 10485760 2010-11-10T20:48:33.000Z',
    ]);
    expect(lines()).toEqual(['GET /bucket/k?uploadId=u', 'GET /bucket/k?part-number-marker=3&uploadId=u']);
  });

  test('buckets, by prefix, region and pages', async () => {
    const listed = bodyOf('list-buckets').replace(
      '</ListAllMyBucketsResult>',
      '<ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>',
    );
    server.script(
      reply(200, listed),
      reply(200, '<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>'),
    );
    const found: string[] = [];
    for await (const bucket of server.storage().bucketList({ prefix: 'a', maxBuckets: 2 })) {
      found.push(`${bucket.name} ${bucket.region}`);
    }
    expect(found).toEqual(['a us-west-2']);
    expect(lines()).toEqual([
      'GET /?max-buckets=2&prefix=a',
      'GET /?continuation-token=t&max-buckets=2&prefix=a',
    ]);
    server.script(reply(200, bodyOf('list-buckets')));
    const buckets = server.storage().bucketList({ region: 'us-west-2' });
    // To leave one out that tells no region, or to give it, would both be guesses.
    await expect(buckets.next()).rejects.toThrow(/does not tell the regions/);
  });
});

describe('unfinished uploads', () => {
  const uploads = (...days: number[]): string =>
    `<ListMultipartUploadsResult>${days
      .map(
        (day) =>
          `<Upload><Key>k${day}</Key><UploadId>u${day}</UploadId><Initiated>2024-01-0${day}T00:00:00Z</Initiated></Upload>`,
      )
      .join(
        '',
      )}<Upload><Key>odd</Key><UploadId>odd</UploadId><Initiated>?</Initiated></Upload></ListMultipartUploadsResult>`;

  test('only old ones are aborted; what ended meanwhile is not told', async () => {
    server.script(reply(200, uploads(1, 2, 3)), refuse(404, 'NoSuchUpload'), reply(204));
    const aborted: string[] = [];
    const olderThan = new Date('2024-01-03T00:00:00Z');
    for await (const { key, uploadId } of server.storage().abortUploads('b00', { olderThan, prefix: 'k' })) {
      aborted.push(`${key} ${uploadId}`);
    }
    expect(aborted).toEqual(['k2 u2']);
    expect(lines()).toEqual([
      'GET /b00?encoding-type=url&prefix=k&uploads=',
      'DELETE /b00/k1?uploadId=u1',
      'DELETE /b00/k2?uploadId=u2',
    ]);
  });

  test('another refusal ends it', async () => {
    server.script(reply(200, uploads(1)), refuse(403, 'AccessDenied'));
    const aborting = server.storage().abortUploads('b00', { olderThan: new Date() });
    await expect(aborting.next()).rejects.toMatchObject({ code: 'AccessDenied', msg: 'uploadAbort' });
  });

  test('no id and no date can make it something else', async () => {
    const storage = server.storage();
    await expect(storage.uploadAbort('k', '')).rejects.toThrow(/uploadId/);
    const aborting = storage.abortUploads('b00', { olderThan: new Date('never') });
    await expect(aborting.next()).rejects.toThrow(/olderThan/);
    expect(lines()).toEqual([]);
  });
});

describe('objects', () => {
  test('head gives what the headers say', async () => {
    const vector = vectors.responses.find((one) => one.name === 'head-object');
    server.script(reply(200, '', vector?.headers));
    expect(await server.storage().head('k', { versionId: 'v', ifMatch: '"e"' })).toMatchObject({
      size: 3191,
      contentType: 'image/jpeg',
      eTag: '"6805f2cfc46c0f04559748bb039d69ae"',
      lastModified: new Date('2016-12-15T01:19:41.000Z'),
      metadata: { 'x-amz-meta-a': '1', 'x-amz-meta-b': 'Two' },
      versionId: 'null',
      checksums: { crc32: 'DUoRhQ==' },
      storageClass: 'STANDARD',
      expires: undefined,
      legalHold: undefined,
    });
    expect(lines()).toEqual(['HEAD /bucket/k?versionId=v']);
    expect(server.arrived[0]?.headers).toMatchObject({ 'if-match': '"e"', 'x-amz-checksum-mode': 'ENABLED' });
  });

  test('head of an object that is not there is a StorageError', async () => {
    server.script(reply(404));
    await expect(server.storage().head('k')).rejects.toMatchObject({ msg: 'head', code: 'NotFound' });
  });

  test('options become headers and parameters of every way to read, ask and delete', async () => {
    const storage = server.storage();
    const options = {
      versionId: 'v',
      requestPayer: 'requester',
      ifMatch: '"e"',
      params: { a: '1' },
    } as const;
    await storage.exists('k', options);
    await storage.readText('k', options);
    await storage.delete('k', options);
    expect(lines()).toEqual(['HEAD', 'GET', 'DELETE'].map((method) => `${method} /bucket/k?a=1&versionId=v`));
    for (const { headers } of server.arrived) {
      expect(headers).toMatchObject({ 'x-amz-request-payer': 'requester', 'if-match': '"e"' });
    }
  });

  test('tags given to a copy replace those of the source', async () => {
    server.script(reply(200, copied));
    await server
      .storage()
      .copy('k', 'l', { tags: { a: 'b' }, storageClass: 'GLACIER', sourceVersionId: 'a/b+c' });
    expect(server.arrived[0]?.headers).toMatchObject({
      'x-amz-tagging': 'a=b',
      'x-amz-tagging-directive': 'REPLACE',
      'x-amz-storage-class': 'GLACIER',
      'x-amz-copy-source': 'bucket/k?versionId=a%2Fb%2Bc',
    });
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html: where x-amz-copy-source-if-match holds,
  // x-amz-copy-source-if-unmodified-since counts for nothing; and conditions that fail are a 412.
  describe.each<[string, CopySourceOptions, number]>([
    ['if-match', { sourceIfMatch: '"f"' }, 412],
    ['if-none-match', { sourceIfNoneMatch: '"f"' }, 304],
    ['if-modified-since', { sourceIfModifiedSince: new Date(0) }, 304],
    ['if-unmodified-since', { sourceIfUnmodifiedSince: new Date(0) }, 412],
  ])(
    'a condition on the source, %s, is asked before a copy that is pinned to it',
    (name, condition, status) => {
      const refusal = { code: 'PreconditionFailed', status: 412 };
      beforeEach(() =>
        server.script((request, response) => {
          const { method, headers } = request;
          const answer =
            method !== 'HEAD'
              ? reply(400, '<Error><Code>InvalidRequest</Code></Error>')
              : headers[name] === undefined
                ? reply(200, '', { 'content-length': 100, etag: '"e"' })
                : reply(status);
          answer(request, response);
        }),
      );

      test('with headers of its own', async () => {
        const copy = server.storage().copy('k', 'l', { ...condition, contentType: 'text/plain' });
        await expect(copy).rejects.toMatchObject(refusal);
        expect(lines()).toEqual(['HEAD /bucket/k']);
      });

      test('in parts', async () => {
        const storage = server.storage({}, { limits: { maximumCopySize: 99 } });
        await expect(storage.copy('k', 'l', condition)).rejects.toMatchObject(refusal);
        expect(lines()).toEqual(['PUT /bucket/l', 'HEAD /bucket/k']);
      });
    },
  );

  describe('a rename', () => {
    const bucket = 'b--usw2-az1--x-s3';
    const directory = reply(200, '', { 'x-amz-bucket-location-type': 'AvailabilityZone' });

    test('is asked of directory buckets only', async () => {
      const storage = server.storage();
      await expect(storage.objectRename('k', 'l')).rejects.toThrow(/no directory bucket/);
      expect(lines()).toEqual([]);
      server.script(directory, reply(200));
      const options = { ifNoneMatch: '*', expectedBucketOwner: '111122223333' };
      await storage.objectRename(new S3Name('a b', bucket), 'c d', options);
      await storage.objectRename(new S3Name('e', bucket), 'f');
      // What the bucket is, is asked once.
      expect(lines()).toEqual([
        `HEAD /${bucket}`,
        `PUT /${bucket}/c%20d?renameObject=`,
        `PUT /${bucket}/f?renameObject=`,
      ]);
      expect(server.arrived[0]?.headers['x-amz-expected-bucket-owner']).toBe('111122223333');
      expect(server.arrived[1]?.headers).toMatchObject({
        'x-amz-rename-source': 'a%20b',
        'if-none-match': '*',
        'x-amz-expected-bucket-owner': '111122223333',
      });
    });

    test('is not asked of an ordinary bucket that only has such a name, nor of one that is not there', async () => {
      const storage = server.storage();
      const name = new S3Name('a', bucket);
      await expect(storage.objectRename(name, 'b')).rejects.toMatchObject({
        name: 'StorageError',
        code: 'NotImplemented',
      });
      expect(lines()).toEqual([`HEAD /${bucket}`]);
      server.script(reply(404));
      await expect(storage.objectRename(name, 'b')).rejects.toMatchObject({ status: 404 });
      expect(lines()).toEqual([`HEAD /${bucket}`]);
    });

    test('has the same token in each attempt, and another one has another', async () => {
      server.script(directory, refuse(503, 'SlowDown'), reply(200), reply(200));
      const storage = server.storage();
      const name = new S3Name('a', bucket);
      await storage.objectRename(name, 'c');
      await storage.objectRename(name, 'c');
      const [, first, second, third] = server.arrived.map(({ headers }) => headers['x-amz-client-token']);
      expect(first).toMatch(/^[0-9a-f]{32}$/);
      expect(second).toBe(first);
      expect(third).toMatch(/^[0-9a-f]{32}$/);
      expect(third).not.toBe(first);
    });
  });

  test('a customer’s key shows in no error', async () => {
    server.script(refuse(403, 'AccessDenied'));
    const customerKey = Buffer.alloc(32, 7);
    const error: unknown = await server
      .storage()
      .readText('k', { encryption: { customerKey } })
      .catch((reason: unknown) => reason);
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 9 })).not.toContain(customerKey.toString('base64'));
    expect(server.arrived[0]?.headers['x-amz-server-side-encryption-customer-key']).toBe(
      customerKey.toString('base64'),
    );
  });
});

describe('what has no method', () => {
  test('is sent by request, in the default bucket, and gives the raw response', async () => {
    server.script(reply(200, 'answer', { 'x-any': '1' }));
    const storage = server.storage();
    const response = await storage.request({ key: 'a b', params: { torrent: '' }, headers: { 'x-a': '1' } });
    expect(response).toMatchObject({ status: 200, body: 'answer', headers: { 'x-any': '1' } });
    await storage.request({ method: 'POST', bucket: 'b00', data: new Uint8Array([120]) });
    await storage.request({});
    expect(lines()).toEqual(['GET /bucket/a%20b?torrent=', 'POST /b00', 'GET /']);
    expect(server.arrived[1]?.body.toString()).toBe('x');
  });

  test('is refused in the first form of StorageError, also behind a 200', async () => {
    const storage = server.storage();
    server.script(refuse(409, 'OperationAborted'));
    await expect(storage.request({ key: 'k' })).rejects.toMatchObject({
      msg: 'request',
      code: 'OperationAborted',
    });
    server.script(refuse(200, 'InvalidRequest'));
    await storage.request({ key: 'k' });
    await expect(storage.request({ key: 'k', errorInside200: true })).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
  });

  test('is checked before it is sent', async () => {
    await expect(server.storage().request({ bucket: '..' })).rejects.toThrow(TypeError);
    await expect(server.storage().request({ key: '' })).rejects.toThrow(TypeError);
    expect(lines()).toEqual([]);
  });
});

describe('what others may send', () => {
  test('a URL for a part of an upload, and one to begin it', async () => {
    const storage = server.storage();
    const part = new URL(
      await storage.presign('k', { method: 'PUT', params: { partNumber: 7, uploadId: 'x y' } }),
    );
    expect([part.pathname, part.searchParams.get('partNumber'), part.searchParams.get('uploadId')]).toEqual([
      '/bucket/k',
      '7',
      'x y',
    ]);
    expect(part.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    const begin = new URL(await storage.presign('k', { method: 'POST', params: { uploads: '' } }));
    expect(begin.search).toContain('uploads=');
  });

  test('a URL for an upload of just so many bytes', async () => {
    const url = await server.storage().presign('k', { method: 'PUT', headers: { 'Content-Length': 5 } });
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host');
  });

  test('a form to upload a file', async () => {
    const { url, fields } = await server.storage().presignPost(anyFile, {
      expiresIn: 60,
      fields: { acl: 'private' },
      contentLengthRange: [1, 1000],
      conditions: [['starts-with', '$Content-Type', 'image/']],
    });
    expect(url).toBe(`http://127.0.0.1:${server.port}/bucket`);
    expect(fields).toMatchObject({ key: anyFile, acl: 'private' });
    const policy = JSON.parse(Buffer.from(fields['policy'] ?? '', 'base64').toString()) as {
      conditions: unknown[];
    };
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 1, 1000],
        ['starts-with', '$Content-Type', 'image/'],
        ['starts-with', '$key', 'uploads/'],
        { bucket: 'bucket' },
        { acl: 'private' },
      ]),
    );
  });

  test('a form that no file can meet is refused', async () => {
    const form = server.storage().presignPost('k', { contentLengthRange: [2, 1] });
    await expect(form).rejects.toThrow(RangeError);
    const anonymous = new Storage(new S3Connection({ credentials: 'anonymous', defaultBucket: 'bucket' }));
    await expect(anonymous.presignPost('k')).rejects.toThrow(/anonymous/);
  });
});
