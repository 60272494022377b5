import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EMPTY_SHA256,
  encodeKey,
  encodeQuery,
  Signer,
  SubtleSigner,
  subtleSha256Hex,
  UNSIGNED_PAYLOAD,
} from '../src/index.ts';
import * as vectors from './vectors.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret', sessionToken: 'a-token' };
const date = new Date('2024-02-29T23:59:59.999Z');

describe('SubtleSigner gives the published signatures', () => {
  const prepared = vectors.s3HeaderVectors.filter(
    ({ request, service, canonicalRequest }) =>
      service === 's3' && request.body === undefined && canonicalRequest.split('\n')[1] === request.path,
  );
  test('there are some to be compared with', () => expect(prepared.length).toBeGreaterThan(5));
  test.each(prepared)('$name', async (vector) => {
    const { request, credentials: keys, region, date: moment, signature } = vector;
    const { method, host, path, headers = {} } = request;
    const lines = vector.canonicalRequest.split('\n');
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const signed = await new SubtleSigner({ region, credentials: keys }).sign(
      {
        method,
        host,
        path,
        query: lines[2] ?? '',
        headers: Object.fromEntries(lower),
        payloadHash: lines.at(-1) ?? '',
      },
      { date: moment },
    );
    expect(signed.signature).toBe(signature);
  });
});

test('SubtleSigner signs as Signer does, whatever is asked, and in any region', async () => {
  const subtle = new SubtleSigner({ region: 'us-east-1', credentials });
  const signer = new Signer({ region: 'us-east-1', credentials });
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const sample = fc.record({
    method: fc.constantFrom('GET', 'PUT', 'HEAD', 'DELETE', 'POST'),
    path: text.map((key) => `/${encodeKey(key)}`),
    query: fc.array(fc.tuple(text, text), { maxLength: 5 }).map(encodeQuery),
    headers: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[ -~\u00a0-\u00ff]*$/)),
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
  });
  await fc.assert(
    fc.asyncProperty(sample, async ({ region, ...request }) => {
      const whole = { ...request, host: 'bucket.s3.example:9000', payloadHash: UNSIGNED_PAYLOAD };
      expect(await subtle.sign(whole, { date, region })).toEqual(signer.sign(whole, { date, region }));
    }),
  );
});

test('subtleSha256Hex gives the digests of FIPS 180-4', async () => {
  expect(await subtleSha256Hex(new Uint8Array())).toBe(EMPTY_SHA256);
  expect(await subtleSha256Hex(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('SubtleSigner refuses what no signature can be made of, and shows no secret', async () => {
  expect(
    () => new SubtleSigner({ region: 'r', credentials: { ...credentials, secretAccessKey: '' } }),
  ).toThrow('credentials must have both keys');
  const signer = new SubtleSigner({ region: 'us-east-1', credentials });
  const request = { method: 'GET', host: 'h', path: '/', query: '', headers: {}, payloadHash: EMPTY_SHA256 };
  await expect(signer.sign(request, { date: new Date(Number.NaN), region: 'r' })).rejects.toThrow(RangeError);
  expect(inspect(signer, { depth: 9, showHidden: true }) + JSON.stringify(signer)).not.toMatch(
    /secret|a-token/,
  );
});
