import { createSha256, Signer } from '@s3kit/sigv4';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { bytesBody, type RequestBody } from '../src/http.ts';
import { createSigner, startSha256 } from '../src/web/signing.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret', sessionToken: 'a-token' };
const options = { region: 'eu-central-1', credentials };
const request = {
  method: 'PUT',
  host: 'bucket.example',
  query: 'partNumber=1&uploadId=a',
  headers: { 'content-type': 'text/plain', 'user-agent': 's3kit' },
  payloadHash: 'UNSIGNED-PAYLOAD',
};
const when = { date: new Date('2026-02-28T23:59:59Z'), region: 'us-east-1' };

afterEach(() => vi.unstubAllGlobals());

describe.each([
  ['with WebCrypto', false],
  ['without it, as on pages over plain HTTP', true],
])('%s', (_, without) => {
  test.each([
    [true, '/key%20with/%C3%BC'],
    // As the endpoint of a caller may have it: not in the canonical form.
    [false, '/base%7e/+/key'],
  ])('signs as on Node', async (plainPaths, path) => {
    if (without) vi.stubGlobal('crypto', {});
    const signed = await createSigner(options, plainPaths).sign({ ...request, path }, when);
    expect(signed).toEqual(new Signer(options).sign({ ...request, path }, when));
  });

  test('hashes bodies as on Node', async () => {
    if (without) vi.stubGlobal('crypto', {});
    const text = 'content'.repeat(100);
    const pieces = [new TextEncoder().encode(text.slice(0, 13)), new TextEncoder().encode(text.slice(13))];
    const file: RequestBody = {
      kind: 'file',
      offset: 0,
      length: text.length,
      file: {
        path: 'f',
        async *read() {
          yield* pieces;
        },
      },
    };
    for (const [body, chunks] of [
      [bytesBody(text), [new TextEncoder().encode(text)]],
      [file, pieces],
    ] as const) {
      const hash = await startSha256(body);
      for (const chunk of chunks) hash.update(chunk);
      expect(await hash.digestHex()).toBe(createSha256().update(text).digestHex());
    }
  });
});

test('the signer of URLs and forms is loaded once', async () => {
  const signer = createSigner(options, true);
  expect(await signer.whole()).toBe(await signer.whole());
  expect((await signer.whole()).region).toBe('eu-central-1');
});
