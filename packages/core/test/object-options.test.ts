import { describe, expect, test } from 'vitest';
import { type HeaderOptions, headersOf } from '../src/index.ts';

// The key of 32 zero bytes; its MD5 digest is that of `head -c 32 /dev/zero | openssl md5 -binary | base64`.
const customerKey = new Uint8Array(32);
const zeros = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const zerosMd5 = 'cLyPS3KoaSFGi/joRB3OUQ==';

// Names and forms of the headers: the pages of PutObject, CopyObject, GetObject and DeleteObject in the API reference.
const cases: readonly (readonly [HeaderOptions, object])[] = [
  [{}, {}],
  [
    {
      contentType: 'text/plain',
      cacheControl: 'no-cache',
      contentDisposition: 'attachment',
      contentEncoding: 'gzip',
      contentLanguage: 'de',
    },
    {
      'content-type': 'text/plain',
      'cache-control': 'no-cache',
      'content-disposition': 'attachment',
      'content-encoding': 'gzip',
      'content-language': 'de',
    },
  ],
  [{ expires: new Date('2024-02-29T00:00:00.000Z') }, { expires: 'Thu, 29 Feb 2024 00:00:00 GMT' }],
  [{ metadata: { Foo: 'bar', 'x-amz-meta-x': 'y' } }, { 'x-amz-meta-foo': 'bar', 'x-amz-meta-x': 'y' }],
  [
    { storageClass: 'GLACIER', acl: 'public-read', websiteRedirect: '/other' },
    {
      'x-amz-storage-class': 'GLACIER',
      'x-amz-acl': 'public-read',
      'x-amz-website-redirect-location': '/other',
    },
  ],
  [{ tags: { 'a b': 'c+d', e: '' } }, { 'x-amz-tagging': 'a%20b=c%2Bd&e=' }],
  [
    { ifMatch: '"e"', ifNoneMatch: '*', ifModifiedSince: new Date(0), ifUnmodifiedSince: new Date(1000) },
    {
      'if-match': '"e"',
      'if-none-match': '*',
      'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:01 GMT',
    },
  ],
  [
    { requestPayer: 'requester', expectedBucketOwner: '123456789012', bypassGovernance: true, mfa: '1 2' },
    {
      'x-amz-request-payer': 'requester',
      'x-amz-expected-bucket-owner': '123456789012',
      'x-amz-bypass-governance-retention': true,
      'x-amz-mfa': '1 2',
    },
  ],
  [
    { objectLock: { mode: 'COMPLIANCE', retainUntil: new Date('2030-01-02T03:04:05Z'), legalHold: true } },
    {
      'x-amz-object-lock-mode': 'COMPLIANCE',
      'x-amz-object-lock-retain-until-date': '2030-01-02T03:04:05.000Z',
      'x-amz-object-lock-legal-hold': 'ON',
    },
  ],
  [{ objectLock: { legalHold: false } }, { 'x-amz-object-lock-legal-hold': 'OFF' }],
  [{ encryption: { type: 'AES256' } }, { 'x-amz-server-side-encryption': 'AES256' }],
  [
    { encryption: { type: 'aws:kms', keyId: 'alias/k', context: { a: 'ä' }, bucketKey: true } },
    {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/k',
      // printf '{"a":"ä"}' | base64
      'x-amz-server-side-encryption-context': 'eyJhIjoiw6QifQ==',
      'x-amz-server-side-encryption-bucket-key-enabled': true,
    },
  ],
  [
    { encryption: { customerKey }, sourceEncryption: { customerKey } },
    {
      'x-amz-server-side-encryption-customer-algorithm': 'AES256',
      'x-amz-server-side-encryption-customer-key': zeros,
      'x-amz-server-side-encryption-customer-key-md5': zerosMd5,
      'x-amz-copy-source-server-side-encryption-customer-algorithm': 'AES256',
      'x-amz-copy-source-server-side-encryption-customer-key': zeros,
      'x-amz-copy-source-server-side-encryption-customer-key-md5': zerosMd5,
    },
  ],
  [
    {
      sourceIfMatch: '"e"',
      sourceIfNoneMatch: '"f"',
      sourceIfModifiedSince: new Date(0),
      sourceIfUnmodifiedSince: new Date(0),
      sourceExpectedBucketOwner: '210987654321',
    },
    {
      'x-amz-copy-source-if-match': '"e"',
      'x-amz-copy-source-if-none-match': '"f"',
      'x-amz-copy-source-if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'x-amz-copy-source-if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'x-amz-source-expected-bucket-owner': '210987654321',
    },
  ],
];

describe('headersOf', () => {
  test.each(cases)('turns options into headers, row %#', (options, headers) => {
    expect(JSON.parse(JSON.stringify(headersOf(options)))).toEqual(headers);
  });

  test('lets headers by their own names win, in any case', () => {
    const headers = { 'Content-Type': 'a/b', 'x-amz-meta-n': '2' };
    expect(headersOf({ contentType: 'c/d', metadata: { N: '1' }, headers })).toEqual({
      'content-type': 'a/b',
      'x-amz-meta-n': '2',
    });
  });

  test.each<[string, HeaderOptions, RegExp]>([
    ['a customer key of another length', { encryption: { customerKey: new Uint8Array(16) } }, /32 bytes/],
    ['a date that is none', { expires: new Date('never') }, /expires is no valid date/],
    [
      'a term that is none',
      { objectLock: { retainUntil: new Date('never') } },
      /retainUntil is no valid date/,
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => headersOf(options)).toThrow(message);
    expect(() => headersOf(options)).toThrow(TypeError);
  });
});
