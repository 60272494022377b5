import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { S3Part } from '../src/index.ts';
import { isETagOfParts } from '../src/part-etag.ts';
import { type Handler, refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

const size = 16 * 1024 * 1024;

let server: ScriptedServer;
let folder: string;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
  folder = await mkdtemp(join(tmpdir(), 's3kit-lost-complete-'));
  await writeFile(join(folder, 'f'), Buffer.alloc(size));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** A service that completes the upload, but whose first answer to that is lost; HEAD then tells what there is. */
function losing(head: Handler, first: Handler = reset): { aborted: () => boolean } {
  const digests: Buffer[] = [];
  let completes = 0;
  let aborted = false;
  server.script((request, response) => {
    const { method, target, body } = request;
    if (target.endsWith('?uploads=')) {
      reply(200, '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>')(
        request,
        response,
      );
    } else if (method === 'PUT') {
      const digest = createHash('md5').update(body).digest();
      digests[Number(/partNumber=(\d+)/.exec(target)?.[1]) - 1] = digest;
      reply(200, '', { etag: `"${digest.toString('hex')}"` })(request, response);
    } else if (method === 'POST') {
      (completes++ === 0 ? first : refuse(404, 'NoSuchUpload'))(request, response);
    } else if (method === 'HEAD') {
      response.setHeader(
        'etag',
        `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${digests.length}"`,
      );
      head(request, response);
    } else {
      aborted = true;
      reply(204)(request, response);
    }
  });
  return { aborted: () => aborted };
}

const there: Handler = (_, response) => response.writeHead(200, { 'content-length': size }).end();

test('a completed upload whose answer was lost is a success', async () => {
  const service = losing(there);
  await server.storage().write(join(folder, 'f'), 'k');
  expect(service.aborted()).toBe(false);
});

test.each<[string, Handler]>([
  ['nothing is there', reply(404)],
  [
    'something of another size is there',
    (_, response) => response.writeHead(200, { 'content-length': 1 }).end(),
  ],
  [
    'something else is there',
    (_, response) =>
      response.writeHead(200, { 'content-length': size, etag: '"ffffffffffffffffffffffffffffffff-4"' }).end(),
  ],
])('but not when %s', async (_, head) => {
  losing(head);
  await expect(server.storage().write(join(folder, 'f'), 'k')).rejects.toMatchObject({
    code: 'NoSuchUpload',
  });
});

test('nor when the first answer already says that there is no such upload', async () => {
  losing(there, refuse(404, 'NoSuchUpload'));
  await expect(server.storage().write(join(folder, 'f'), 'k')).rejects.toMatchObject({
    code: 'NoSuchUpload',
  });
});

test.each([
  [
    'the digest of the digests',
    ['"900150983cd24fb0d6963f7d28e17f72"', '"d41d8cd98f00b204e9800998ecf8427e"'],
    true,
  ],
  ['other parts', ['"d41d8cd98f00b204e9800998ecf8427e"', '"900150983cd24fb0d6963f7d28e17f72"'], false],
  ['one part too few', ['"900150983cd24fb0d6963f7d28e17f72"'], false],
  ['digests that are no MD5', ['"x"', '"y"'], true],
])('an ETag of parts: %s', (_, eTags, expected) => {
  const digest = createHash('md5')
    .update(Buffer.from('900150983cd24fb0d6963f7d28e17f72d41d8cd98f00b204e9800998ecf8427e', 'hex'))
    .digest('hex');
  expect(
    isETagOfParts(
      `"${digest}-2"`,
      eTags.map((eTag, index) => new S3Part(index + 1, eTag)),
    ),
  ).toBe(expected);
});

test('an abort while the upload is being created leaves none: its id is waited for, and it is aborted', async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  server.script((request, response) => {
    seen.push(`${request.method} ${request.target}`);
    if (!request.target.endsWith('?uploads=')) {
      reply(204)(request, response);
      return;
    }
    stop.abort(new Error('enough'));
    const answer = reply(
      200,
      '<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>',
    );
    setTimeout(() => answer(request, response), 50);
  });
  const write = server.storage().write(join(folder, 'f'), 'k', { signal: stop.signal });
  await expect(write).rejects.toMatchObject({ msg: 'write: enough' });
  expect(seen).toEqual(['POST /bucket/k?uploads=', 'DELETE /bucket/k?uploadId=7']);
});
