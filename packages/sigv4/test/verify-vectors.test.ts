import { describe, expect, test } from 'vitest';
import { formatAmzDate, type ReceivedRequest, type VerifyOptions, verify } from '../src/index.ts';
import * as vectors from './vectors.ts';

function optionsOf({ credentials, region, service, rules, date }: vectors.SigningVector): VerifyOptions {
  return {
    secretFor: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
    region,
    service,
    now: date,
    ...(rules && { rules }),
  };
}

/** The request with the published signature, not one of our own making. */
function signedByOthers({ request, ...vector }: vectors.SigningVector): ReceivedRequest {
  const { method, path, query } = request;
  const lines = vector.canonicalRequest.split('\n').slice(3, -3);
  const signed = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
  const credential = `${vector.credentials.accessKeyId}/${vector.stringToSign.split('\n')[2]}`;
  const names = signed.map(([name]) => name).join(';');
  return {
    method,
    path,
    query,
    headers: {
      ...Object.fromEntries(signed),
      ...Object.fromEntries(
        Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${vector.signature}`,
    },
    payloadHash: vector.canonicalRequest.split('\n').at(-1) ?? '',
  };
}

const headerVectors = [...vectors.suiteHeaderVectors, ...vectors.legacyVectors, ...vectors.s3HeaderVectors];

describe('a published header signature is right', () => {
  test.each(headerVectors)('$name', (vector) => {
    const verified = verify(signedByOthers(vector), optionsOf(vector));
    expect(verified).toMatchObject({
      kind: 'header',
      accessKeyId: vector.credentials.accessKeyId,
      date: vector.date,
      region: vector.region,
      service: vector.service,
      signature: vector.signature,
      payloadHash: vector.canonicalRequest.split('\n').at(-1),
      scope: vector.stringToSign.split('\n')[2],
    });
  });
});

describe('a published header signature is wrong for another method', () => {
  test.each(headerVectors)('$name', (vector) => {
    const request = { ...signedByOthers(vector), method: 'PATCH' };
    expect(() => verify(request, optionsOf(vector))).toThrow(
      expect.objectContaining({
        code: 'SignatureDoesNotMatch',
        details: expect.objectContaining({
          CanonicalRequest: vector.canonicalRequest.replace(/^[A-Z]+/, 'PATCH'),
          SignatureProvided: vector.signature,
        }),
      }),
    );
  });
});

// Signed without the session token, sent with it: other services allow that, S3 does not.
const withUnsignedToken = vectors.suiteQueryVectors.filter(({ name }) => name === 'post-sts-header-after');

function presignedByOthers(vector: vectors.PresignVector): ReceivedRequest {
  const { method, path, headers } = vector.request;
  const payloadHash = vector.canonicalRequest.split('\n').at(-1) ?? '';
  const host = { host: vector.request.host };
  return { method, path, query: vector.signedQuery, headers: { ...host, ...headers }, payloadHash };
}

describe('a published signature in a query is right', () => {
  const list = [...vectors.suiteQueryVectors, ...vectors.s3PresignVectors];
  test.each(list.filter((vector) => !withUnsignedToken.includes(vector)))('$name', (vector) => {
    expect(verify(presignedByOthers(vector), optionsOf(vector))).toMatchObject({
      kind: 'presigned',
      accessKeyId: vector.credentials.accessKeyId,
      date: vector.date,
      signature: vector.signature,
      payloadHash: vector.canonicalRequest.split('\n').at(-1),
    });
  });
});

test('a session token outside the signature is refused', () => {
  const [vector] = withUnsignedToken;
  if (vector === undefined) throw new Error('the vector is gone');
  const request = presignedByOthers(vector);
  expect(() => verify(request, optionsOf(vector))).toThrow(
    expect.objectContaining({ code: 'SignatureDoesNotMatch' }),
  );
  const query = request.query.replace(/&X-Amz-Security-Token=[^&]*/, '');
  expect(verify({ ...request, query }, optionsOf(vector))).toMatchObject({ kind: 'presigned' });
  const headers = { ...request.headers, 'X-Amz-Security-Token': 'token' };
  expect(() => verify({ ...request, query, headers }, optionsOf(vector))).toThrow(
    expect.objectContaining({ code: 'AccessDenied', details: { HeadersNotSigned: 'x-amz-security-token' } }),
  );
});

test('the vectors cover what they seem to', () => {
  expect(headerVectors.length).toBeGreaterThan(100);
  expect(vectors.suiteQueryVectors.every(({ signedQuery }) => signedQuery.includes('X-Amz-Signature='))).toBe(
    true,
  );
  expect(vectors.s3PresignVectors.every(({ signedQuery }) => signedQuery.includes('X-Amz-Signature='))).toBe(
    true,
  );
  const walked = ['header', 'presign', 'chunked', 'trailer', 'signing-key', 'post-policy'];
  expect(new Set(vectors.s3Kinds)).toEqual(new Set(walked));
  expect(headerVectors.every(({ date }) => formatAmzDate(date).length === 16)).toBe(true);
});
