export {
  type PresignV4aOptions,
  SignerV4a,
  type SignerV4aOptions,
  type SignV4aOverrides,
} from './signer-v4a.ts';
export { v4aPublicKey, v4aSigningKey } from './v4a-key.ts';
export { type VerifiedV4a, verifyV4a } from './verify-v4a.ts';
