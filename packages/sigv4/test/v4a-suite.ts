import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeKey,
  type ReceivedRequest,
  SignatureError,
  type SigningRequest,
  type VerifyOptions,
} from '../src/index.ts';
import { SignerV4a, type SignerV4aOptions, v4aPublicKey, v4aSigningKey, verifyV4a } from '../src/v4a.ts';
import { v4aVectors } from './vectors.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Whether a signature is right, by Node and the public key of the vector, without any code of ours. */
function isRight({ X, Y }: { X: string; Y: string }, message: string, signature: string): boolean {
  const [x, y] = [X, Y].map((digits) => Buffer.from(digits, 'hex').toString('base64url')) as [string, string];
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
  return verifySignature('sha256', Buffer.from(message), key, Buffer.from(signature, 'hex'));
}

const parameter = (url: string, name: string): string =>
  new RegExp(`[?&]${name}=([^&]*)`).exec(url)?.[1] ?? '';

/** Every published case; run once for each implementation of the curve. */
export function v4aSuite(implementation: string): void {
  describe(`the suite of AWS, ${implementation}`, () => {
    test.each(v4aVectors)('$name', async (vector) => {
      const { credentials, service, rules, date, expiresIn, header, query } = vector;
      const privateKey = v4aSigningKey(credentials.accessKeyId, credentials.secretAccessKey);
      expect(hex(privateKey)).toBe(vector.derivedPrivateKeyHex);
      expect(hex(v4aPublicKey(privateKey))).toBe(`04${vector.publicKey.X}${vector.publicKey.Y}`);

      const signer = new SignerV4a({ credentials, service, rules, regionSet: vector.regionSet });
      const signed = await signer.sign(header.request, { date });
      expect(isRight(vector.publicKey, header.stringToSign, signed.signature)).toBe(true);
      expect(signed.headers['authorization']).toBe(
        `AWS4-ECDSA-P256-SHA256 Credential=${credentials.accessKeyId}/${header.stringToSign.split('\n')[2]}, SignedHeaders=${header.canonicalRequest.split('\n').at(-2)}, Signature=${signed.signature}`,
      );
      const url = await signer.presign(query.request, { date, expiresIn });
      expect(isRight(vector.publicKey, query.stringToSign, parameter(url, 'X-Amz-Signature'))).toBe(true);

      // The published signatures, and the canonical request that a wrong one is told.
      const { method, path } = query.request;
      const secretFor = () => credentials.secretAccessKey;
      const options: VerifyOptions = { secretFor, service, rules, now: date, region: 'us-east-1' };
      const payloadHash = header.canonicalRequest.split('\n').at(-1) ?? '';
      const byHeader = {
        method,
        path,
        query: query.request.query,
        headers: header.signedHeaders,
        payloadHash,
      };
      for (const { authorization } of header.authorizations) {
        const request = { ...byHeader, headers: { ...header.signedHeaders, authorization } };
        expect(await verifyV4a(request, options)).toMatchObject({
          kind: 'header',
          regionSet: vector.regionSet,
        });
      }
      const wrong = {
        ...byHeader,
        headers: {
          ...header.signedHeaders,
          authorization: header.authorizations[0]?.authorization.replace(/Signature=.*/, 'Signature=00'),
        },
      };
      await expect(verifyV4a(wrong, options)).rejects.toMatchObject({
        details: { CanonicalRequest: header.canonicalRequest, StringToSign: header.stringToSign },
      });
      if (vector.unsignedToken) return; // sent outside the signature, which S3 does not allow
      const { host } = query.request;
      const presigned = {
        method,
        path,
        query: query.signedQuery,
        headers: { ...query.request.headers, host },
        payloadHash,
      };
      expect(await verifyV4a(presigned, options)).toMatchObject({ kind: 'presigned', date });
      const late = { ...options, now: new Date(date.getTime() + 1000 * expiresIn + 1000) };
      await expect(verifyV4a(presigned, late)).rejects.toMatchObject({ message: 'Request has expired' });
    });
  });

  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 's3cr3t', sessionToken: 't0k3n' };
  const date = new Date('2024-02-29T23:59:59Z');
  const signer = new SignerV4a({ credentials });
  const base: SigningRequest = { method: 'GET', host: 'mrap.example', path: '/a%20key' };
  const options: VerifyOptions = { secretFor: () => 's3cr3t', now: date };

  async function byHeader(extra: Partial<SigningRequest> = {}, regionSet = '*'): Promise<ReceivedRequest> {
    const { headers } = await signer.sign({ ...base, ...extra }, { date, regionSet });
    return { method: base.method, path: base.path, query: '', headers };
  }

  async function refusal(
    request: ReceivedRequest,
    changed: Partial<VerifyOptions> = {},
  ): Promise<SignatureError> {
    const error = await verifyV4a(request, { ...options, ...changed }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof SignatureError) return error;
    throw new Error('the request was accepted', { cause: error });
  }

  describe(`SignerV4a and verifyV4a, ${implementation}`, () => {
    test('sign what S3 wants', async () => {
      const { headers } = await signer.sign({ ...base, body: 'x' }, { date });
      expect(headers).toMatchObject({
        'x-amz-region-set': '*',
        'x-amz-security-token': 't0k3n',
        'x-amz-content-sha256': '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
      });
      const url = await signer.presign(base, { date, regionSet: 'eu-*' });
      expect(parameter(url, 'X-Amz-Region-Set')).toBe('eu-%2A');
      expect(parameter(url, 'X-Amz-Security-Token')).toBe('t0k3n');
      expect(await verifyV4a(await byHeader({ headers: headers }), options)).toMatchObject({
        regionSet: '*',
      });
    });

    test('any request that was signed verifies, and no other', async () => {
      const key = fc.string({ unit: 'binary', maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(key, fc.boolean(), async (name, presigned) => {
          const path = `/${encodeKey(name)}`;
          const url = presigned ? await signer.presign({ ...base, path }, { date }) : '';
          const request: ReceivedRequest = presigned
            ? { method: 'GET', path, query: url.slice(url.indexOf('?') + 1), headers: { host: base.host } }
            : { ...(await byHeader({ path })), path };
          expect((await verifyV4a(request, options)).kind).toBe(presigned ? 'presigned' : 'header');
          expect((await refusal({ ...request, path: `${path}x` })).code).toBe('SignatureDoesNotMatch');
          expect((await refusal({ ...request, method: 'PUT' })).code).toBe('SignatureDoesNotMatch');
        }),
        { numRuns: 20 },
      );
    });

    test.each([
      ['*', 'us-east-1', true],
      ['us-east-1', 'us-east-1', true],
      ['eu-west-1,us-*', 'us-east-1', true],
      ['*-1', 'us-east-1', true],
      ['us-east-1', 'us-east-2', false],
      ['us-e*east-1', 'us-east-1', false],
      ['eu-*', 'us-east-1', false],
    ])('the region set %s for the region %s: %s', async (regionSet, region, good) => {
      const request = await byHeader({}, regionSet);
      if (good) expect((await verifyV4a(request, { ...options, region })).kind).toBe('header');
      else expect((await refusal(request, { region })).code).toBe('AuthorizationHeaderMalformed');
    });

    test('what is refused', async () => {
      const good = await byHeader();
      const authorization = String(good.headers['authorization']);
      const changed = (headers: ReceivedRequest['headers']): ReceivedRequest => ({
        ...good,
        headers: { ...good.headers, ...headers },
      });
      const signature = /Signature=.*/;
      expect((await refusal(good, { secretFor: () => 'another' })).code).toBe('SignatureDoesNotMatch');
      expect((await refusal(good, { secretFor: () => undefined })).code).toBe('InvalidAccessKeyId');
      for (const bad of ['', '0', '3006020101020101', 'xx', '30'.repeat(72), '30'.repeat(73)]) {
        const request = changed({ authorization: authorization.replace(signature, `Signature=${bad}`) });
        expect((await refusal(request)).code).toBe('SignatureDoesNotMatch');
      }
      expect((await refusal(changed({ 'x-amz-region-set': 'us-east-1' }))).code).toBe(
        'SignatureDoesNotMatch',
      );
      expect(
        (
          await refusal(
            changed({ authorization: authorization.replace('AWS4-ECDSA-P256-SHA256', 'AWS4-HMAC-SHA256') }),
          )
        ).code,
      ).toBe('InvalidArgument');
      expect((await refusal(changed({ authorization: authorization.replace('/s3/', '/') }))).code).toBe(
        'AuthorizationHeaderMalformed',
      );
      expect((await refusal(good, { now: new Date(0) })).code).toBe('RequestTimeTooSkewed');
      expect(await verifyV4a({ ...good, headers: { host: base.host } }, options)).toEqual({
        kind: 'anonymous',
      });
    });

    test.each<[string, object]>([
      ['regionSet', { credentials, regionSet: '' }],
      ['regionSet', { credentials, regionSet: 'a b' }],
      ['regionSet', { credentials, regionSet: ['*'] }],
      ['service', { credentials, service: 'a/b' }],
      ['rules', { credentials, rules: 'S3' }],
      ['credentials.secretAccessKey', { credentials: { accessKeyId: 'x' } }],
    ])('%s is refused: %#', (argument, bad) => {
      expect(() => new SignerV4a(bad as SignerV4aOptions)).toThrow(TypeError);
      expect(() => new SignerV4a(bad as SignerV4aOptions)).toThrow(new RegExp(`^${argument} must be`));
    });

    test('bad requests are refused as by Signer', async () => {
      await expect(signer.sign({ ...base, path: 'x' })).rejects.toThrow(/^path/);
      await expect(signer.presign(base, { expiresIn: 0 })).rejects.toThrow(RangeError);
      await expect(signer.sign(base, { regionSet: '\n' })).rejects.toThrow(/^regionSet/);
      await expect(signer.sign(base, { date: new Date('x') })).rejects.toThrow(/^date/);
    });

    test('neither inspect nor JSON shows a secret', async () => {
      await signer.sign(base);
      expect(inspect(signer, { depth: 9, showHidden: true }) + JSON.stringify(signer)).not.toMatch(
        /s3cr3t|t0k3n/,
      );
    });
  });
}
