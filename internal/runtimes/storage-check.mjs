// One pass through @s3kit/core against an S3 endpoint, with nothing but what every runtime has.
import { isInvalidArgument, isStorageError, S3Connection, S3Name, Storage } from '@s3kit/core';

const bucket = 'self-check';

function equal(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

async function failure(promise) {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}

function connect(endpoint, settings = {}, runtime = {}) {
  const keys = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret' };
  return new S3Connection({ ...keys, endpoint, defaultBucket: bucket, ...settings }, runtime);
}

// So much as to make parts of small things; the endpoint has been told the same.
const smallParts = { limits: { minimumPartSize: 1024, multipartThreshold: 4096 } };
const bytes = (length) => Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);
const sum = (data) => data.reduce((total, byte) => (total * 31 + byte) | 0, 7);

async function gzipped(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const checks = {
  async 'put and get'({ storage }) {
    const headers = { 'x-amz-meta-state': 'new', 'content-type': 'text/x-odd' };
    await storage.write({ text: 'größer' }, 'a', { headers });
    equal(await storage.readText('a'), 'größer');
    equal(await storage.exists('a'), [true, { 'x-amz-meta-state': 'new' }]);
    equal(await storage.exists('none'), [false, {}]);
    equal(await storage.readText('a', { range: { start: 1, end: 2 } }), 'r\ufffd');
    const { response } = await storage.write(new Uint8Array(), 'empty').withResponse();
    equal(response.status, 200);
    equal((await storage.readBytes('empty')).length, 0);
  },
  async 'odd keys'({ storage }) {
    for (const key of ["b//c +'é😀%/...", 'b/%2E%2e/x', 'b/?#&=;@:,"<>\\^`{|}~[]', '/b']) {
      await storage.write({ text: key }, key);
      equal(await storage.readText(key), key);
      await storage.delete(key);
    }
  },
  async 'keys that fetch would rewrite are refused, or sent as they are'({ storage }) {
    for (const key of ['../b', 'a/../b', 'a/./b', 'a/..', '.']) {
      const error = await storage.write({ text: key }, key).then(
        () => undefined,
        (reason) => reason,
      );
      if (error === undefined) {
        equal(await storage.readText(key), key);
        await storage.delete(key);
      } else equal([error.name, isInvalidArgument(error)], ['TypeError', true]);
    }
  },
  async 'a stream, a Blob and bytes'({ storage }) {
    const data = bytes(3000);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 3000; i += 1000) controller.enqueue(data.subarray(i, i + 1000));
        controller.close();
      },
    });
    await storage.write(stream, 's');
    equal(sum(await storage.readBytes('s')), sum(data));
    await storage.write(new Blob([data]), 's');
    equal(sum(await storage.readBytes('s')), sum(data));
    const { body, size } = await storage.readStream('s');
    let received = 0;
    for await (const chunk of body) received += chunk.byteLength;
    equal([size, received], [3000, 3000]);
    for await (const _ of (await storage.readStream('s')).body) break;
  },
  async 'parts, with progress'({ endpoint }) {
    const storage = new Storage(connect(endpoint, {}, smallParts));
    const data = bytes(20_000);
    const told = [];
    const onProgress = (progress) => told.push(progress);
    await storage.write(data, 'parts', { partSize: 4096, onProgress });
    const { parts, transferred, total } = told.at(-1);
    equal([parts, transferred, total], [5, 20_000, 20_000]);
    equal(sum(await storage.readBytes('parts')), sum(data));
    const stream = new Blob([data]).stream();
    await storage.write(stream, 'parts', { partSize: 4096 });
    equal(sum(await storage.readBytes('parts')), sum(data));
    const key = 'x-amz-checksum-crc32';
    equal(typeof (await storage.readStream('parts')).headers[key], 'string');
  },
  async 'all checksums'({ endpoint }) {
    for (const checksum of ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'md5', 'off']) {
      const storage = new Storage(connect(endpoint, { checksum }));
      await storage.write(bytes(777), 'sum');
      equal(sum(await storage.readBytes('sum')), sum(bytes(777)));
    }
  },
  async 'what is not what S3 stores is an error'({ storage }) {
    await storage.write({ text: '{' }, 'broken');
    const error = await failure(storage.readJson('broken'));
    equal([isStorageError(error), error.exception.name], [true, 'SyntaxError']);
  },
  async 'a Content-Encoding is undone by nobody unasked'({ storage }) {
    const stored = await gzipped('hello '.repeat(100));
    await storage.write(stored, 'gz', { headers: { 'content-encoding': 'gzip' } });
    const plain = await storage.readBytes('gz').catch((error) => error.code);
    if (plain instanceof Uint8Array) return equal(sum(plain), sum(stored));
    equal(plain, 'ERR_S3KIT_DECODED');
    const object = await storage.readStream('gz', { acceptDecoded: true });
    equal([object.decoded, object.size], [true, stored.length]);
    equal(await storage.readText('gz', { acceptDecoded: true }), 'hello '.repeat(100));
  },
  async list({ storage }) {
    for (const key of ['l/1', 'l/2', 'l/x/3']) await storage.write({ text: key }, key);
    const listed = [];
    for await (const entry of storage.bucketListKeys(bucket, { prefix: 'l/', delimiter: '/' }))
      listed.push(typeof entry === 'string' ? entry : entry.key);
    equal(listed, ['l/1', 'l/2', 'l/x/']);
    // No CORS rule of any bucket covers the list of buckets.
    if ('document' in globalThis) return;
    const buckets = [];
    for await (const { name } of storage.bucketList()) buckets.push(name);
    equal(buckets.includes(bucket), true);
  },
  async 'copy, metadata, delete'({ storage }) {
    await storage.copy('a', new S3Name('copied', bucket));
    equal(await storage.readText('copied'), 'größer');
    await storage.updateMetadata('copied', { 'x-amz-meta-state': 'old' });
    equal(await storage.exists('copied'), [true, { 'x-amz-meta-state': 'old' }]);
    await storage.delete('copied');
    equal(await storage.exists('copied'), [false, {}]);
  },
  async 'a document, with its MD5'({ storage }) {
    const data = { Tagging: { TagSet: { Tag: [{ Key: 'k', Value: 'v' }] } } };
    await storage.bucketSetTagging(bucket, { data });
    equal(await storage.bucketGetTagging(bucket), data);
  },
  async presign({ storage }) {
    const url = await storage.presign('a');
    equal(await (await fetch(url)).text(), 'größer');
    const put = await storage.presign('presigned', { method: 'PUT' });
    equal((await fetch(put, { method: 'PUT', body: 'by URL' })).status, 200);
    equal(await storage.readText('presigned'), 'by URL');
  },
  async 'errors of S3, of the network, of the caller'({ storage, endpoint }) {
    const refused = await failure(storage.readText('no-such-key'));
    equal([refused.code, refused.status], ['NoSuchKey', 404]);
    const nobody = new Storage(connect('http://127.0.0.1:9', { retry: { limit: 1 } }));
    const failed = await failure(nobody.readText('a'));
    equal([isStorageError(failed), failed.exception.name], [true, 'TransportError']);
    const control = new AbortController();
    control.abort(new Error('enough'));
    equal((await failure(storage.readText('a', { signal: control.signal }))).exception.message, 'enough');
    const wrong = new Storage(connect(endpoint, { secretAccessKey: 'wrong' }));
    equal((await failure(wrong.readText('a'))).code, 'SignatureDoesNotMatch');
  },
  async 'files, where there are any'({ storage }) {
    const error = await failure(storage.write('/no/such/file', 'a'));
    equal(
      error.code === 'ENOENT' || (isInvalidArgument(error) && /no local files/.test(error.message)),
      true,
    );
  },
};

/** How many checks there are. */
export const total = Object.keys(checks).length;

/**
 * Runs all checks, and resolves to their names.
 *
 * @param endpoint - a server with a bucket `self-check`, small parts, and CORS for every page
 * @throws the first that fails, with its name
 */
export async function selfCheck(endpoint) {
  const storage = new Storage(connect(endpoint));
  const passed = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check({ storage, endpoint });
    } catch (error) {
      throw new Error(`${name}: ${error?.stack ?? error} ${error?.exception?.stack ?? ''}`);
    }
    passed.push(name);
  }
  return passed;
}
