import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isSignatureError, type ReceivedRequest, type VerifyOptions, verify } from '../src/index.ts';
import {
  at,
  base,
  byHeader,
  byQuery,
  errorOf,
  options,
  withAuthorization,
  withHeaders,
  withQuery,
} from './received.ts';

describe('what is refused', () => {
  const signature = /Signature=[0-9a-f]{64}/;
  const cases: [
    name: string,
    code: string,
    status: number,
    request: ReceivedRequest,
    changed?: Partial<VerifyOptions>,
  ][] = [
    [
      'a signature of another secret',
      'SignatureDoesNotMatch',
      403,
      byHeader(),
      { secretFor: () => 'another' },
    ],
    ['a cut signature', 'SignatureDoesNotMatch', 403, withAuthorization((text) => text.slice(0, -1))],
    ['a lengthened signature', 'SignatureDoesNotMatch', 403, withAuthorization((text) => `${text}0`)],
    [
      'a changed signature',
      'SignatureDoesNotMatch',
      403,
      withAuthorization((text) => text.replace(signature, `Signature=${'0'.repeat(64)}`)),
    ],
    ['an unknown access key', 'InvalidAccessKeyId', 403, byHeader(), { secretFor: () => undefined }],
    ['an access key with an empty secret', 'InvalidAccessKeyId', 403, byHeader(), { secretFor: () => '' }],
    ['an unknown access key in a URL', 'InvalidAccessKeyId', 403, byQuery(), { secretFor: () => undefined }],
    ['a clock 901 s behind', 'RequestTimeTooSkewed', 403, byHeader(), at(901)],
    ['a clock 901 s ahead', 'RequestTimeTooSkewed', 403, byHeader(), at(-901)],
    [
      'a clock further off than asked for',
      'RequestTimeTooSkewed',
      403,
      byHeader(),
      { ...at(11), maximumSkewSeconds: 10 },
    ],
    ['no date', 'AccessDenied', 403, withHeaders(byHeader(), { 'x-amz-date': undefined })],
    [
      'a date that is none',
      'AccessDenied',
      403,
      withHeaders(byHeader(), { 'x-amz-date': '20240230T000000Z' }),
    ],
    [
      'a Date header that is none',
      'AccessDenied',
      403,
      withHeaders(byHeader(), { 'x-amz-date': undefined, date: 'yesterday' }),
    ],
    [
      'a day that is not in the calendar',
      'AccessDenied',
      403,
      withHeaders(byHeader(), { 'x-amz-date': undefined, date: 'Thu, 99 Feb 2024 23:59:59 GMT' }),
    ],
    [
      'another day in the scope',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('20240229', '20240228')),
    ],
    ['another region', 'AuthorizationHeaderMalformed', 400, byHeader(), { region: 'us-east-1' }],
    ['another service', 'AuthorizationHeaderMalformed', 400, byHeader(), { service: 's3express' }],
    [
      'another terminal',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('aws4_request', 'aws5_request')),
    ],
    [
      'a short scope',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('/eu-west-1', '')),
    ],
    [
      'a scope without a date',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('20240229', 'today')),
    ],
    [
      'no Credential',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('Credential=', 'Cred=')),
    ],
    [
      'no SignedHeaders',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('SignedHeaders=', 'Headers=')),
    ],
    [
      'no Signature',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace(`, ${signature.exec(text)?.[0]}`, '')),
    ],
    [
      'an empty Authorization after the scheme',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization(() => 'AWS4-HMAC-SHA256'),
    ],
    [
      'two signatures',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => `${text}, ${signature.exec(text)?.[0]}`),
    ],
    [
      'two Authorization headers',
      'AuthorizationHeaderMalformed',
      400,
      withHeaders(byHeader(), {
        authorization: [
          String(byHeader().headers['authorization']),
          String(byHeader().headers['authorization']),
        ],
      }),
    ],
    [
      'a line feed in SignedHeaders',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('host;', 'host;x\n;')),
    ],
    [
      'an empty name in SignedHeaders',
      'AuthorizationHeaderMalformed',
      400,
      withAuthorization((text) => text.replace('host;', 'host;;')),
    ],
    ['an unsigned host', 'AccessDenied', 403, withAuthorization((text) => text.replace('host;', ''))],
    [
      'an unsigned x-amz- header',
      'AccessDenied',
      403,
      withHeaders(byHeader(), { 'X-Amz-Acl': 'public-read' }),
    ],
    [
      'an unsigned x-amz- header on a URL',
      'AccessDenied',
      403,
      withHeaders(byQuery(), { 'x-amz-acl': 'public-read' }),
    ],
    [
      'no payload hash',
      'InvalidRequest',
      400,
      withHeaders(byHeader(), { 'x-amz-content-sha256': undefined }),
    ],
    [
      'a payload hash that is none',
      'InvalidArgument',
      400,
      withHeaders(byHeader(), { 'x-amz-content-sha256': 'abc' }),
    ],
    [
      'version 2 in a header',
      'InvalidRequest',
      400,
      withAuthorization(() => 'AWS AKIAEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg='),
    ],
    [
      'version 2 in a query',
      'InvalidRequest',
      400,
      { ...base, query: 'AWSAccessKeyId=AKIAEXAMPLE&Expires=1&Signature=x', headers: {} },
    ],
    ['another scheme', 'InvalidArgument', 400, withAuthorization(() => 'Bearer abc')],
    ['an empty Authorization', 'InvalidArgument', 400, withAuthorization(() => '')],
    [
      'a header and a query signature',
      'InvalidArgument',
      400,
      withHeaders(byQuery(), { authorization: String(byHeader().headers['authorization']) }),
    ],
    ['a version 2 and a version 4 query', 'InvalidArgument', 400, withQuery((text) => `${text}&Signature=x`)],
    ['a malformed escape in the path', 'InvalidURI', 400, { ...byHeader(), path: '/100%' }],
    ['a malformed escape in the query', 'InvalidURI', 400, { ...byHeader(), query: 'a=%zz' }],
    ['an expired URL', 'AccessDenied', 403, byQuery(), at(61)],
    ['a URL of the future', 'AccessDenied', 403, byQuery(), at(-901)],
    ['a changed URL', 'SignatureDoesNotMatch', 403, withQuery((text) => `${text}&acl=`)],
    [
      'a longer life than signed',
      'SignatureDoesNotMatch',
      403,
      withQuery((text) => text.replace('Expires=60', 'Expires=61')),
    ],
    [
      'a life above a week',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace('Expires=60', 'Expires=604801')),
    ],
    [
      'no life',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace('Expires=60', 'Expires=0')),
    ],
    [
      'a life before birth',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace('Expires=60', 'Expires=-1')),
    ],
    [
      'a life that is no number',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace('Expires=60', 'Expires=1e3')),
    ],
    [
      'a missing X-Amz-Expires',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace('X-Amz-Expires=60&', '')),
    ],
    [
      'a missing X-Amz-Date',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace(/X-Amz-Date=[^&]*&/, '')),
    ],
    [
      'an empty X-Amz-Signature',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace(/(X-Amz-Signature=)[^&]*/, '$1')),
    ],
    [
      'an empty X-Amz-SignedHeaders',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace(/(X-Amz-SignedHeaders=)[^&]*/, '$1')),
    ],
    [
      'a date of another form in a URL',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace('20240229T235959Z', '2024-02-29T23:59:59Z')),
    ],
    [
      'another algorithm',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1')),
    ],
    ['another region in a URL', 'AuthorizationQueryParametersError', 400, byQuery(), { region: 'us-east-1' }],
    [
      'a credential that is none in a URL',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace(/(X-Amz-Credential=)[^&]*/, '$1abc')),
    ],
    [
      'a credential that is no UTF-8',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => text.replace(/(X-Amz-Credential=)[^&]*/, '$1%FF')),
    ],
    [
      'two X-Amz-Signature',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => `${text}&X-Amz-Signature=${'0'.repeat(64)}`),
    ],
    [
      'two X-Amz-Signature, one escaped',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => `${text}&X%2DAmz%2dSignature=0`),
    ],
    [
      'two X-Amz-Expires',
      'AuthorizationQueryParametersError',
      400,
      withQuery((text) => `${text}&X-Amz-Expires=604800`),
    ],
  ];

  test.each(cases)('%s: %s', (_, code, status, request, changed) => {
    const error = errorOf(request, changed);
    expect([error.code, error.status]).toEqual([code, status]);
  });

  test.each([-901, 901].map((seconds) => [seconds, seconds - Math.sign(seconds)]))(
    '%i s is the first that is too far',
    (tooFar, allowed) => {
      expect(errorOf(byHeader(), at(tooFar)).code).toBe('RequestTimeTooSkewed');
      expect(verify(byHeader(), { ...options, ...at(allowed) })).toMatchObject({ kind: 'header' });
    },
  );

  test('a URL is good until its last second, and a little before its first', () => {
    expect(verify(byQuery(), { ...options, ...at(60) })).toMatchObject({ kind: 'presigned' });
    expect(verify(byQuery(), { ...options, ...at(-900) })).toMatchObject({ kind: 'presigned' });
    const week = byQuery({}, 604_800);
    expect(verify(week, { ...options, ...at(604_800) })).toMatchObject({ kind: 'presigned' });
    expect(errorOf(week, at(604_801)).message).toBe('Request has expired');
  });
});

describe('SignatureError', () => {
  test('holds what the error document needs', () => {
    const error = errorOf(byHeader(), { secretFor: () => 'another' });
    expect(Object.keys(error.details)).toEqual([
      'AWSAccessKeyId',
      'StringToSign',
      'SignatureProvided',
      'StringToSignBytes',
      'CanonicalRequest',
      'CanonicalRequestBytes',
    ]);
    expect(error.details['StringToSignBytes']).toMatch(/^41 57 53 34 2d /);
    expect(errorOf(byHeader(), { region: 'us-east-1' }).details).toEqual({ Region: 'us-east-1' });
    expect(errorOf(byQuery(), at(61)).details).toEqual({
      'X-Amz-Expires': '60',
      Expires: '2024-03-01T00:00:59.000Z',
      ServerTime: '2024-03-01T00:01:00.000Z',
    });
    expect(errorOf(byHeader(), at(1000)).details).toEqual({
      RequestTime: '20240229T235959Z',
      ServerTime: '2024-03-01T00:16:39.000Z',
      MaxAllowedSkewMilliseconds: '900000',
    });
  });

  test('shows neither signature, token nor secret when it is logged', () => {
    const error = errorOf(
      byHeader({ headers: { 'x-amz-server-side-encryption-customer-key': 'c2VjcmV0' } }),
      { secretFor: () => 'the right secret' },
    );
    const logged = `${inspect(error, { depth: 9 })}${JSON.stringify(error)}${String(error)}`;
    expect(logged).toContain('SignatureDoesNotMatch');
    expect(logged).not.toMatch(/c2VjcmV0|the right secret|[0-9a-f]{64}/);
  });

  test('is known by its brand, whichever copy made it', () => {
    expect(isSignatureError(errorOf(byHeader(), at(1000)))).toBe(true);
    expect(isSignatureError(new Error('SignatureDoesNotMatch'))).toBe(false);
    expect(isSignatureError({ code: 'AccessDenied' })).toBe(false);
    const copy = Object.assign(new Error('x'), { [Symbol.for('s3kit.SignatureError')]: true });
    expect(isSignatureError(copy)).toBe(true);
  });
});
