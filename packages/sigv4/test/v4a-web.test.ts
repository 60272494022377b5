import { createECDH, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import * as web from '../src/p256-web.ts';
import { v4aSuite } from './v4a-suite.ts';

vi.mock('#p256', () => import('../src/p256-web.ts'));

test('WebCrypto is what is in use', async () => {
  expect((await import('#p256')).signerOf).toBe(web.signerOf);
});

v4aSuite('WebCrypto');

test('the public key of any private key is that of node:crypto', () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: order - 1n }), (scalar) => {
      const privateKey = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
      const pair = createECDH('prime256v1');
      pair.setPrivateKey(privateKey);
      expect(Buffer.from(web.publicKeyOf(privateKey))).toEqual(pair.getPublicKey());
    }),
    { numRuns: 20, examples: [[1n], [2n], [3n], [order - 1n], [order - 2n]] },
  );
});

test('signatures of node:crypto verify, whatever their length in DER', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const lengths = new Set<number>();
  for (let count = 0; count < 300; count++) {
    const message = `message ${count}`;
    const signature = sign('sha256', Buffer.from(message), privateKey);
    lengths.add(signature.length);
    expect(await web.isSignature(point, message, signature)).toBe(true);
    expect(await web.isSignature(point, `${message}!`, signature)).toBe(false);
    // One way to write a number, and no other.
    expect(await web.isSignature(point, message, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
  }
  expect(lengths.size).toBeGreaterThan(1);
});
