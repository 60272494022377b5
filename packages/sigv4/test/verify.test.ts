import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  checkPayloadHash,
  EMPTY_SHA256,
  Signer,
  SigningKeyCache,
  sha256Hex,
  signingKey,
  type VerifyOptions,
  verify,
} from '../src/index.ts';
import {
  base,
  byHeader,
  byQuery,
  credentials,
  date,
  errorOf,
  options,
  resigned,
  withAuthorization,
  withHeaders,
} from './received.ts';

describe('what is accepted', () => {
  test('a header signature, with its facts', () => {
    const verified = verify(byHeader(), options);
    if (verified.kind === 'anonymous') throw new Error('no signature was found');
    expect(verified).toMatchObject({
      kind: 'header',
      accessKeyId: 'AKIAEXAMPLE',
      date,
      region: 'eu-west-1',
      service: 's3',
      payloadHash: EMPTY_SHA256,
      scope: '20240229/eu-west-1/s3/aws4_request',
      signedHeaders: ['host', 'x-amz-content-sha256', 'x-amz-date'],
    });
    expect(verified.signingKey()).toEqual(
      signingKey(credentials.secretAccessKey, '20240229', 'eu-west-1', 's3'),
    );
    expect(inspect(verified) + JSON.stringify(verified)).not.toContain(
      Buffer.from(verified.signingKey()).toString('hex').slice(0, 8),
    );
  });

  test('a presigned URL leaves the payload unsigned, unless it says otherwise', () => {
    expect(verify(byQuery(), options)).toMatchObject({ kind: 'presigned', payloadHash: 'UNSIGNED-PAYLOAD' });
    const withBody = byQuery({ body: '' });
    expect(verify(withBody, options)).toMatchObject({ payloadHash: EMPTY_SHA256 });
    const asHeader = byQuery({ headers: { 'x-amz-content-sha256': EMPTY_SHA256 } });
    expect(verify(asHeader, options)).toMatchObject({ payloadHash: EMPTY_SHA256 });
  });

  test('any region, when none is asked for', () => {
    const { region: _, ...anywhere } = options;
    expect(verify(byHeader(), anywhere)).toMatchObject({ region: 'eu-west-1' });
  });

  test('no signature at all is anonymous', () => {
    expect(verify({ ...base, headers: { host: base.host } }, options)).toEqual({ kind: 'anonymous' });
    expect(verify({ ...base, headers: { host: base.host, authorization: undefined } }, options)).toEqual({
      kind: 'anonymous',
    });
  });

  test('names of headers in any case, and values as headersDistinct gives them', () => {
    const request = byHeader({ headers: { 'x-amz-meta-a': 'one,two' } });
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name.toUpperCase(),
        name === 'x-amz-meta-a' ? [' one ', '  two '] : [String(value)],
      ]),
    );
    expect(verify({ ...request, headers }, options)).toMatchObject({ kind: 'header' });
  });

  test('a header that the client signed, though the signer would not', () => {
    const request = withHeaders(
      withAuthorization((text) => text.replace('host;', 'host;user-agent;')),
      { 'user-agent': 'some client' },
    );
    expect(verify(resigned(request), options)).toMatchObject({ kind: 'header' });
    expect(errorOf(withHeaders(resigned(request), { 'user-agent': 'another' })).code).toBe(
      'SignatureDoesNotMatch',
    );
  });

  test('the bytes of a header above ASCII, as Node hands them over', () => {
    const headers = { 'x-amz-meta-name': Buffer.from('café').toString('latin1') };
    expect(verify(byHeader({ headers }), options)).toMatchObject({ kind: 'header' });
    expect(errorOf(withHeaders(byHeader({ headers }), { 'x-amz-meta-name': 'caf\xe9' })).code).toBe(
      'SignatureDoesNotMatch',
    );
  });

  test('escapes written differently, which are the same to S3', () => {
    const request = byHeader({ path: '/%7Ekey%2f%c3%a9' });
    expect(verify({ ...request, path: '/~key/%C3%A9' }, options)).toMatchObject({ kind: 'header' });
    expect(verify({ ...request, path: '/~key/\xc3\xa9' }, options)).toMatchObject({ kind: 'header' });
  });

  test.each(['Thu, 29 Feb 2024 23:59:59 GMT', '20240229T235959Z'])(
    'the date in a Date header: %s',
    (text) => {
      const request = withHeaders(
        withAuthorization((authorization) => authorization.replace(';x-amz-date', '')),
        { 'x-amz-date': undefined, date: text },
      );
      expect(verify(resigned(request), options)).toMatchObject({ kind: 'header', date });
    },
  );

  test('the session token reaches secretFor', () => {
    const temporary = new Signer({
      region: 'eu-west-1',
      credentials: { ...credentials, sessionToken: 'token/+=' },
    });
    const secretFor = (_: string, token: string | undefined) =>
      token === 'token/+=' ? credentials.secretAccessKey : undefined;
    const { headers } = temporary.sign(base, { date });
    expect(verify({ ...base, headers }, { ...options, secretFor })).toMatchObject({ kind: 'header' });
    const query = temporary.presign(base, { date }).split('?')[1] ?? '';
    expect(verify({ ...base, query, headers: { host: base.host } }, { ...options, secretFor })).toMatchObject(
      {
        kind: 'presigned',
      },
    );
  });

  test('a body hash for services that do not send it', () => {
    const other = new Signer({ region: 'eu-west-1', service: 'sts', credentials });
    const body = 'Action=GetCallerIdentity';
    const request = { method: 'POST', host: 'sts.example', path: '/', query: '' };
    const { headers } = other.sign({ ...request, body }, { date });
    const sts = { ...options, service: 'sts' };
    expect(headers).not.toHaveProperty('x-amz-content-sha256');
    expect(verify({ ...request, headers, payloadHash: sha256Hex(body) }, sts)).toMatchObject({
      service: 'sts',
    });
    expect(errorOf({ ...request, headers }, sts).code).toBe('SignatureDoesNotMatch');
    const { headers: empty } = other.sign(request, { date });
    expect(verify({ ...request, headers: empty }, sts)).toMatchObject({ payloadHash: EMPTY_SHA256 });
  });
});

describe('checkPayloadHash', () => {
  const hash = sha256Hex('abc');

  test.each([hash, 'UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'])('%s fits', (payloadHash) => {
    expect(() => checkPayloadHash({ payloadHash }, hash)).not.toThrow();
  });

  test('another hash does not', () => {
    expect(() => checkPayloadHash({ payloadHash: EMPTY_SHA256 }, hash)).toThrow(
      expect.objectContaining({
        code: 'XAmzContentSHA256Mismatch',
        status: 400,
        details: { ClientComputedContentSHA256: EMPTY_SHA256, S3ComputedContentSHA256: hash },
      }),
    );
  });
});

describe('a cache of signing keys', () => {
  test('changes nothing about what is accepted', () => {
    const keys = new SigningKeyCache(2);
    for (const request of [byHeader(), byQuery(), byHeader()]) {
      expect(verify(request, { ...options, keys })).toMatchObject({ accessKeyId: 'AKIAEXAMPLE' });
    }
    expect(errorOf(byHeader(), { keys, secretFor: () => 'another' }).code).toBe('SignatureDoesNotMatch');
    expect(errorOf(byHeader(), { keys, secretFor: () => undefined }).code).toBe('InvalidAccessKeyId');
    expect(inspect(keys, { depth: 9, showHidden: true })).not.toContain(credentials.secretAccessKey);
  });

  test.each([0, -1, 1.5, Number.NaN])('cannot hold %s keys', (maximum) => {
    expect(() => new SigningKeyCache(maximum)).toThrow(/^maximumKeys must be/);
  });
});

test('bad options are named', () => {
  const secretFor = 'secret' as unknown as VerifyOptions['secretFor']; // as from plain JavaScript
  expect(() => verify(byHeader(), { secretFor })).toThrow(/^options.secretFor must be a function/);
  expect(() => verify(byHeader(), { ...options, now: new Date('x') })).toThrow(RangeError);
  expect(() => verify(byHeader(), { ...options, maximumSkewSeconds: Number.NaN })).toThrow(
    /maximumSkewSeconds/,
  );
});
