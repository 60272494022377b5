// Loaded when it is needed. Its own module, since a bundler keeps all exports of what is loaded so, and a verifier is not wanted.
export { Signer } from '@s3kit/sigv4';
