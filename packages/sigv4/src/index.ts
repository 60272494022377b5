export { formatAmzDate, parseAmzDate } from './amz-date.ts';
export { type CanonicalHeaders, canonicalHeaders, type HeaderEntry } from './canonical-headers.ts';
export { canonicalQuery } from './canonical-query.ts';
export { type CanonicalRequestParts, canonicalRequest } from './canonical-request.ts';
export { canonicalUri, type PathRules } from './canonical-uri.ts';
export type { SecretOptions } from './check-signature.ts';
export { ChunkDecoder, type ChunkDecoderOptions, decodeChunked } from './chunk-decoder.ts';
export { ChunkEncoder, type ChunkEncoderOptions } from './chunk-encoder.ts';
export type { ChunkSeed } from './chunk-signatures.ts';
export { type ChunkedFormat, chunkedLength } from './chunked-length.ts';
export { credentialScope } from './credential-scope.ts';
export { type Credentials, checkedCredentials } from './credentials.ts';
export {
  type CredentialProvider,
  CredentialsCache,
  type CredentialsCacheOptions,
} from './credentials-cache.ts';
export { encodeQuery, type QueryPair } from './encode-query.ts';
export type { VerifyOptions } from './examine-request.ts';
export type { StreamingPayloadHash } from './payload-hash.ts';
export { EMPTY_SHA256, UNSIGNED_PAYLOAD } from './payload-literals.ts';
export { encodeKey, encodeQueryComponent } from './percent-encoding.ts';
export {
  contentLengthRange,
  fieldEquals,
  fieldStartsWith,
  type PostCondition,
  type PostField,
} from './post-conditions.ts';
export { type PostForm, type PostFormOptions, signPostForm } from './post-policy.ts';
export { type PresignOptions, presignUrl } from './presign-url.ts';
export type { ReceivedRequest } from './received-request.ts';
export { checkedScopePart } from './scope-part.ts';
export { createSha256, sha256Hex } from './sha256.ts';
export type { Sha256 } from './sha256-types.ts';
export { type ChunkedOptions, type ChunkedUpload, signChunked } from './sign-chunked.ts';
export { type SignedRequest, signHeaders } from './sign-headers.ts';
export { isSignatureError, SignatureError, type SignatureErrorCode } from './signature-error.ts';
export {
  type FetchBody,
  type SignedFetchInit,
  type SignedFetchOptions,
  signedFetch,
} from './signed-fetch.ts';
export { Signer } from './signer.ts';
export {
  type SignerOptions,
  SigningContext,
  SigningIdentity,
  type SignOverrides,
} from './signing-identity.ts';
export { signingKey } from './signing-key.ts';
export { SigningKeyCache } from './signing-key-cache.ts';
export type { SigningRequest } from './signing-request.ts';
export { splitUrl, type UrlParts } from './split-url.ts';
export { stringToSign } from './string-to-sign.ts';
export {
  type PreparedRequest,
  SubtleSigner,
  type SubtleSignOptions,
  subtleSha256Hex,
} from './subtle-signer.ts';
export type { Trailer } from './trailers.ts';
export {
  type Anonymous,
  checkPayloadHash,
  type Verified,
  type VerifiedSignature,
  verify,
} from './verify.ts';
export {
  type ContentLengthRange,
  checkContentLength,
  type ReceivedForm,
  type VerifiedPostForm,
  type VerifyPostOptions,
  verifyPostForm,
} from './verify-post-form.ts';
