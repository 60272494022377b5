import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalQuery,
  encodeKey,
  encodeQuery,
  encodeQueryComponent,
  type ReceivedRequest,
  Signer,
  type SigningRequest,
  sha256Hex,
  type Verified,
  verify,
} from '../src/index.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };
const signer = new Signer({ region: 'us-east-1', credentials });
const date = new Date('2024-02-29T23:59:59Z');

const text = fc.string({ unit: 'binary', maxLength: 12 });
const pairs = fc.array(fc.tuple(text, text), { maxLength: 5 });
const headerName = fc.stringMatching(/^x-[a-z0-9_!~]{1,8}$/);
// Printable, and not empty after trimming, so that a changed value is another value.
const headerValue = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/);
const headers = fc.dictionary(headerName, headerValue, { minKeys: 1, maxKeys: 5 });
const hash = fc.string({ maxLength: 5 }).map(sha256Hex);

interface Sample {
  method: string;
  key: string;
  pairs: [string, string][];
  headers: Record<string, string>;
  payloadHash: string;
}

const sample: fc.Arbitrary<Sample> = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'HEAD', 'DELETE', 'POST'),
  key: text,
  pairs,
  headers,
  payloadHash: hash,
});

const host = 'bucket.s3.example:9000';

function signingRequest({ method, key, pairs: query, headers: extra, payloadHash }: Sample): SigningRequest {
  return { method, host, path: `/${encodeKey(key)}`, query, headers: extra, payloadHash };
}

/** The sample on the wire, with the signature of another. */
function received(kind: 'header' | 'presigned', wire: Sample, signed: Sample = wire): ReceivedRequest {
  const path = `/${encodeKey(wire.key)}`;
  const query = encodeQuery(wire.pairs);
  if (kind === 'header') {
    const { headers: own } = signer.sign(signingRequest(signed), { date });
    const sent = { ...own, ...wire.headers, 'x-amz-content-sha256': wire.payloadHash };
    return { method: wire.method, path, query, headers: sent };
  }
  const url = signer.presign(signingRequest(signed), { date });
  const signature = url
    .slice(url.indexOf('?') + 1)
    .split('&')
    .filter((piece) => piece.startsWith('X-Amz-'));
  const parameters = signature.map((piece) => piece.replace(/(Sha256=).*/, `$1${wire.payloadHash}`));
  return {
    method: wire.method,
    path,
    query: [...parameters, ...(query === '' ? [] : [query])].join('&'),
    headers: { host, ...wire.headers },
  };
}

const check = (request: ReceivedRequest): Verified =>
  verify(request, { secretFor: () => credentials.secretAccessKey, region: 'us-east-1', now: date });

/** One place of the sample changed, so that it is another request. */
const changes: Record<string, (sample: Sample, position: number) => Sample> = {
  method: (from) => ({ ...from, method: from.method === 'GET' ? 'PUT' : 'GET' }),
  'a character of the key': (from, position) => ({ ...from, key: changed(from.key, position) }),
  'a further character in the key': (from) => ({ ...from, key: `${from.key}/` }),
  'a value of the query': (from, position) => ({
    ...from,
    pairs: [...from.pairs.slice(1), [from.pairs[0]?.[0] ?? 'a', changed(from.pairs[0]?.[1] ?? '', position)]],
  }),
  'a name of the query': (from, position) => ({
    ...from,
    pairs: [...from.pairs.slice(1), [changed(from.pairs[0]?.[0] ?? '', position), from.pairs[0]?.[1] ?? '']],
  }),
  'a further parameter': (from) => ({ ...from, pairs: [...from.pairs, ['acl', '']] }),
  'a signed header': (from, position) => {
    const [name = 'x-a', value = ''] = Object.entries(from.headers)[0] ?? [];
    return { ...from, headers: { ...from.headers, [name]: changed(value, position) } };
  },
  'the payload hash': (from) => ({ ...from, payloadHash: sha256Hex(`${from.payloadHash}!`) }),
};

/** Another text: the character at the position, or one more if there is none, becomes a different one. */
function changed(from: string, position: number): string {
  const characters = [...from];
  const index = position % (characters.length + 1);
  characters[index] = characters[index] === 'a' ? 'b' : 'a';
  return characters.join('');
}

describe.each(['header', 'presigned'] as const)('%s', (kind) => {
  test('what was signed verifies', () => {
    fc.assert(
      fc.property(sample, (request) => {
        expect(check(received(kind, request))).toMatchObject({
          kind,
          payloadHash: request.payloadHash,
          date,
        });
      }),
      { numRuns: 300 },
    );
  });

  test.each(Object.entries(changes))('%s changed does not verify', (_, change) => {
    fc.assert(
      fc.property(sample, fc.nat(20), (request, position) => {
        const wire = received(kind, change(request, position), request);
        expect(() => check(wire)).toThrow(expect.objectContaining({ code: 'SignatureDoesNotMatch' }));
      }),
      { numRuns: 100 },
    );
  });

  test('any other signature does not verify', () => {
    fc.assert(
      fc.property(sample, fc.nat(63), fc.integer({ min: 1, max: 15 }), (request, position, distance) => {
        const wire = received(kind, request);
        const place = kind === 'header' ? String(wire.headers['authorization']) : wire.query;
        const start = place.indexOf('Signature=') + 'Signature='.length + position;
        const digit = (Number.parseInt(place.charAt(start), 16) ^ distance).toString(16);
        const other = place.slice(0, start) + digit + place.slice(start + 1);
        const forged =
          kind === 'header'
            ? { ...wire, headers: { ...wire.headers, authorization: other } }
            : { ...wire, query: other };
        expect(() => check(forged)).toThrow(expect.objectContaining({ code: 'SignatureDoesNotMatch' }));
      }),
      { numRuns: 100 },
    );
  });

  test('the order of headers and parameters does not matter', () => {
    fc.assert(
      fc.property(sample, fc.infiniteStream(fc.nat()), (request, order) => {
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item): [number, T] => [order.next().value ?? 0, item])
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        const wire = received(kind, request);
        const query = shuffled(wire.query.split('&')).join('&');
        const other = Object.fromEntries(shuffled(Object.entries(wire.headers)));
        expect(check({ ...wire, query, headers: other })).toMatchObject({ kind });
        const again = {
          ...request,
          pairs: shuffled(request.pairs),
          headers: Object.fromEntries(shuffled(Object.entries(request.headers))),
        };
        expect(signer.presign(signingRequest(again), { date })).toBe(
          signer.presign(signingRequest(request), { date }),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('encoding', () => {
  test('is undone by decoding', () => {
    fc.assert(
      fc.property(text, (key) => {
        expect(decodeURIComponent(encodeKey(key))).toBe(key);
        expect(decodeURIComponent(encodeQueryComponent(key))).toBe(key);
        expect(encodeKey(key)).toMatch(/^(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})*$/);
        expect(encodeKey(key)).toBe(encodeQueryComponent(key).replaceAll('%2F', '/'));
      }),
    );
  });

  test('a canonical query stays as it is', () => {
    fc.assert(
      fc.property(pairs, (query) => {
        const canonical = encodeQuery(query);
        expect(canonicalQuery(canonical)).toBe(canonical);
        expect(canonicalQuery(query)).toBe(canonical);
        expect(encodeQuery([...query].reverse())).toBe(canonical);
      }),
    );
  });
});
