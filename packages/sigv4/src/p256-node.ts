/** ECDSA on the curve P-256 through `node:crypto`. */
import { createECDH, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { P256 } from './p256-types.ts';

function jwkOf(publicKey: Uint8Array): { kty: 'EC'; crv: 'P-256'; x: string; y: string } {
  const coordinates = Buffer.from(publicKey.subarray(1));
  return {
    kty: 'EC',
    crv: 'P-256',
    x: coordinates.toString('base64url', 0, 32),
    y: coordinates.toString('base64url', 32),
  };
}

export const publicKeyOf: P256['publicKeyOf'] = (privateKey) => {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(privateKey);
  return new Uint8Array(pair.getPublicKey());
};

export const signerOf: P256['signerOf'] = async (privateKey) => {
  const d = Buffer.from(privateKey).toString('base64url');
  const key = createPrivateKey({ format: 'jwk', key: { ...jwkOf(publicKeyOf(privateKey)), d } });
  return async (message) => new Uint8Array(sign('sha256', Buffer.from(message), key));
};

export const isSignature: P256['isSignature'] = async (publicKey, message, signature) => {
  const key = createPublicKey({ format: 'jwk', key: jwkOf(publicKey) });
  return verify('sha256', Buffer.from(message), key, signature);
};
