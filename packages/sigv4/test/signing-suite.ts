import { describe, expect, test } from 'vitest';
import {
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  canonicalUri,
  credentialScope,
  formatAmzDate,
  Signer,
  signingKey,
  stringToSign,
} from '../src/index.ts';
import * as vectors from './vectors.ts';

function signerOf({ credentials, region, service, rules }: vectors.SigningVector): Signer {
  return new Signer({ region, service, credentials, ...(rules && { rules }) });
}

/** Every published signature; run once for each implementation of SHA-256. */
export function signingSuite(implementation: string): void {
  const headerVectors = {
    'aws-c-auth suite': vectors.suiteHeaderVectors,
    'legacy suite': vectors.legacyVectors,
    s3: vectors.s3HeaderVectors,
  };
  for (const [origin, list] of Object.entries(headerVectors)) {
    describe(`sign, ${origin}, ${implementation}`, () => {
      test.each(list)('$name', (vector) => {
        const { headers, signature } = signerOf(vector).sign(vector.request, { date: vector.date });
        const { accessKeyId } = vector.credentials;
        const scope = credentialScope(formatAmzDate(vector.date), vector.region, vector.service);
        const signedHeaders = vector.canonicalRequest.split('\n').at(-2);
        expect(signature).toBe(vector.signature);
        expect(headers['authorization']).toBe(
          `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
        );
      });
    });
  }

  const presignVectors = {
    'aws-c-auth suite': vectors.suiteQueryVectors,
    s3: vectors.s3PresignVectors,
  };
  for (const [origin, list] of Object.entries(presignVectors)) {
    describe(`presign, ${origin}, ${implementation}`, () => {
      test.each(list)('$name', (vector) => {
        const url = signerOf(vector).presign(vector.request, {
          date: vector.date,
          expiresIn: vector.expiresIn,
        });
        const signature = /[?&]X-Amz-Signature=([0-9a-f]{64})(?:&|$)/.exec(url)?.[1];
        expect(signature).toBe(vector.signature);
        if (vector.url !== undefined) expect(url).toBe(vector.url);
      });
    });
  }

  describe(`signing key, ${implementation}`, () => {
    test.each(vectors.signingKeyVectors)(
      '$name',
      ({ secretAccessKey, date, region, service, signingKeyHex }) => {
        const key = signingKey(secretAccessKey, date, region, service);
        expect(Buffer.from(key).toString('hex')).toBe(signingKeyHex);
      },
    );
  });

  describe(`the steps one by one, ${implementation}`, () => {
    const all = [...Object.values(headerVectors), ...Object.values(presignVectors)].flat();
    test.each(all)('$name', (vector) => {
      // The figures hold every input of the last three steps, so each step is checked alone.
      const [method = '', uri, query = '', ...rest] = vector.canonicalRequest.split('\n');
      const [signedHeaders = '', payloadHash = ''] = rest.slice(-2);
      const lines = rest.slice(0, -3).map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1)];
      });
      const headers = canonicalHeaders(lines.reverse());
      const rules =
        vector.rules ?? (['s3', 's3express', 's3-outposts'].includes(vector.service) ? 's3' : 'general');
      expect(canonicalUri(vector.request.path, rules)).toBe(uri);
      expect(canonicalQuery(query.split('&').reverse().join('&'))).toBe(query);
      expect(headers.signedHeaders).toBe(signedHeaders);
      const parts = { method, uri: uri ?? '', query, headers: headers.canonical, signedHeaders, payloadHash };
      expect(canonicalRequest(parts)).toBe(vector.canonicalRequest);
      const amzDate = formatAmzDate(vector.date);
      const scope = credentialScope(amzDate, vector.region, vector.service);
      expect(stringToSign(amzDate, scope, vector.canonicalRequest)).toBe(vector.stringToSign);
    });
  });
}
