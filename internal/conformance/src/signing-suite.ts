import { crc32 } from 'node:zlib';
import {
  contentLengthRange,
  encodeKey,
  fieldStartsWith,
  type PostFormOptions,
  Signer,
  type StreamingPayloadHash,
  signChunked,
  signPostForm,
  splitUrl,
} from '@s3kit/sigv4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawAnswer, sendRaw } from './raw-request.ts';
import { type Differences, type Target, Workplace } from './target.ts';

const keys = [
  'plain.txt',
  "1+1 = 2 'é😀'(!)*~%20.txt",
  'a//b/',
  'a/./b',
  'a/../b',
  '%2F%25',
  'tab\tline\nfeed',
];

/** Every form of signature, as a service takes it; each request is sent byte by byte as it was signed. */
export function signingSuite(name: string, differences: Differences, open: () => Promise<Target>): void {
  const lacks = differences.lacks ?? {};

  describe(`signatures, ${name}`, () => {
    let place: Workplace;
    let bucket = '';
    let endpoint = '';
    let host = '';
    let signer: Signer;

    beforeAll(async () => {
      place = await Workplace.open(await open());
      bucket = await place.bucket();
      const { endpoint: url = '', region = '', accessKeyId = '', secretAccessKey = '' } = place.target.config;
      endpoint = url;
      host = splitUrl(url).host;
      signer = new Signer({ region, credentials: { accessKeyId, secretAccessKey } });
    });

    afterAll(async () => {
      await place.close();
      await place.target.close();
    });

    const pathOf = (key: string): string => `/${bucket}/${encodeKey(key)}`;

    async function send(
      method: string,
      key: string,
      body?: string,
      headers: Record<string, string> = {},
    ): Promise<RawAnswer> {
      const path = pathOf(key);
      const length: Record<string, string> =
        body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const signed = signer.sign({
        method,
        host,
        path,
        headers: { ...headers, ...length },
        ...(body !== undefined && { body }),
      });
      return sendRaw({
        endpoint,
        method,
        target: path,
        headers: signed.headers,
        body: body === undefined ? [] : [Buffer.from(body)],
      });
    }

    test.each(keys)('by headers: %j', async (key) => {
      const put = await send('PUT', key, `body of ${key}`, {
        'x-amz-meta-a': ' b  c ',
        'content-type': 'text/x-odd',
      });
      expect([put.status, put.body]).toEqual([200, '']);
      const get = await send('GET', key, undefined, { range: 'bytes=0-3' });
      expect([get.status, get.body]).toEqual([206, 'body']);
      expect(get.headers['content-type']).toBe('text/x-odd');
    });

    test.each(keys)('by URL: %j', async (key) => {
      const path = pathOf(key);
      const url = (method: string, query: [string, string][] = [], headers: Record<string, string> = {}) =>
        signer
          .presign({ method, protocol: 'http:', host, path, query, headers }, { expiresIn: 60 })
          .slice(`http://${host}`.length);
      const meta = { 'x-amz-meta-a': 'b' };
      const put = await sendRaw({
        endpoint,
        method: 'PUT',
        target: url('PUT', [], meta),
        headers: { host, ...meta, 'content-length': '2' },
        body: [Buffer.from('hi')],
      });
      expect([put.status, put.body]).toEqual([200, '']);
      const overrides: [string, string][] = [['response-content-type', "a/b; c='d+e f'"]];
      const get = await sendRaw({
        endpoint,
        method: 'GET',
        target: url('GET', overrides),
        headers: { host },
      });
      expect([get.status, get.body]).toEqual([200, 'hi']);
      expect(get.headers['content-type']).toBe("a/b; c='d+e f'");
      expect(get.headers['x-amz-meta-a']).toBe('b');
      const other = await sendRaw({ endpoint, method: 'DELETE', target: url('GET'), headers: { host } });
      expect([other.status, other.body]).toEqual([
        403,
        expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
      ]);
    });

    test('an altered request is refused', async () => {
      const path = pathOf('altered');
      const { headers } = signer.sign({
        method: 'PUT',
        host,
        path,
        body: 'hello',
        headers: { 'content-length': '5' },
      });
      const wrong = await sendRaw({
        endpoint,
        method: 'PUT',
        target: path,
        headers,
        body: [Buffer.from('jello')],
      });
      expect([wrong.status, wrong.body]).toEqual([
        400,
        expect.stringContaining('<Code>XAmzContentSHA256Mismatch</Code>'),
      ]);
      const late = signer.sign({ method: 'GET', host, path }, { date: new Date(Date.now() - 3_600_000) });
      const refused = await sendRaw({ endpoint, method: 'GET', target: path, headers: late.headers });
      expect([refused.status, refused.body]).toEqual([
        403,
        expect.stringContaining('<Code>RequestTimeTooSkewed</Code>'),
      ]);
    });

    const streams: [row: string, payloadHash: StreamingPayloadHash][] = [
      ['signed chunks', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
      ['signed chunks and trailers', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'],
      ['unsigned chunks and trailers', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'],
    ];
    const served = streams.filter(([row]) => lacks[row] === undefined);
    test.each(served)('%s', async (_, payloadHash) => {
      const body = Buffer.alloc(150_001, 'streamed ');
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(body));
      const trailers = [{ name: 'x-amz-checksum-crc32', value: checksum.toString('base64') }];
      const path = pathOf('streamed');
      const upload = (): ReturnType<typeof signChunked> =>
        signChunked(
          signer,
          { method: 'PUT', host, path },
          {
            decodedLength: body.length,
            payloadHash,
            ...(payloadHash.endsWith('-TRAILER') && { trailers }),
          },
        );
      const { headers, encode } = upload();
      const put = await sendRaw({ endpoint, method: 'PUT', target: path, headers, body: encode([body]) });
      expect([put.status, put.body]).toEqual([200, '']);
      const get = await send('GET', 'streamed');
      expect([get.status, get.body === body.toString()]).toEqual([200, true]);

      const again = upload();
      const altered = Buffer.concat([...again.encode([body])]);
      altered[70_000] = 0x21;
      const refused = await sendRaw({
        endpoint,
        method: 'PUT',
        target: path,
        headers: again.headers,
        body: [altered],
      });
      const code =
        payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' ? 'BadDigest' : 'SignatureDoesNotMatch';
      expect(refused.body).toContain(`<Code>${code}</Code>`);
      expect((await send('GET', 'streamed')).body === body.toString()).toBe(true);
    });

    async function upload(
      options: Omit<PostFormOptions, 'bucket'>,
      file: string,
      extra: Record<string, string> = {},
    ): Promise<RawAnswer> {
      const { fields } = signPostForm(signer, { bucket, ...options });
      const form = new FormData();
      for (const [field, value] of Object.entries({ ...fields, ...extra })) form.append(field, value);
      form.append('file', new Blob([file]), 'the file.txt');
      const encoded = new Response(form);
      const body = Buffer.from(await encoded.arrayBuffer());
      const headers = {
        host,
        'content-type': encoded.headers.get('content-type') ?? '',
        'content-length': String(body.length),
      };
      return sendRaw({ endpoint, method: 'POST', target: `/${bucket}`, headers, body: [body] });
    }

    if (lacks['upload forms'] === undefined) {
      const options = {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: S3 writes it like this
        key: 'user/${filename}',
        fields: { 'x-amz-meta-a': 'b c', success_action_status: '201' },
      };
      const conditions = [contentLengthRange(1, 20), fieldStartsWith('Content-Type', 'text/')];

      test('upload forms', async () => {
        const posted = await upload({ ...options, conditions }, 'hello', { 'Content-Type': 'text/x-odd' });
        expect([posted.status, posted.body]).toEqual([
          201,
          expect.stringContaining('<Key>user/the file.txt</Key>'),
        ]);
        const get = await send('GET', 'user/the file.txt');
        expect([get.status, get.body, get.headers['content-type'], get.headers['x-amz-meta-a']]).toEqual([
          200,
          'hello',
          'text/x-odd',
          'b c',
        ]);
      });

      test.each<[name: string, file: string, extra: Record<string, string>, status: number]>([
        ['a file that is too large', 'x'.repeat(21), { 'Content-Type': 'text/plain' }, 400],
        ['another content type', 'hello', { 'Content-Type': 'image/png' }, 403],
        ['another key', 'hello', { 'Content-Type': 'text/plain', key: 'other' }, 403],
        ['a field more', 'hello', { 'Content-Type': 'text/plain', acl: 'public-read' }, 403],
      ])('upload forms with %s are refused', async (_, file, extra, status) => {
        expect((await upload({ ...options, conditions }, file, extra)).status).toBe(status);
      });
    }
  });
}
