import { ChunkEncoder } from './chunk-encoder.ts';
import { type ChunkedFormat, checkedPayloadHash, chunkedLength } from './chunked-length.ts';
import { type SignedRequest, signHeaders } from './sign-headers.ts';
import type { SigningIdentity, SignOverrides } from './signing-identity.ts';
import type { SigningRequest } from './signing-request.ts';
import { checkedTrailers, type Trailer } from './trailers.ts';

/** What a streamed upload is made of. */
export interface ChunkedOptions extends ChunkedFormat, SignOverrides {
  /** Bytes of the body, which has to be known before. */
  decodedLength: number;
  /** Fields to send after the body, such as its checksum. @default none */
  trailers?: readonly Trailer[];
}

/** A signed request with a body that is still to come. */
export interface ChunkedUpload extends SignedRequest {
  /** Bytes that will be sent; `content-length` says the same. */
  contentLength: number;
  /** Encodes the body, once. What comes out may be sent as it comes; memory holds one chunk at most. */
  encode: (body: Iterable<Uint8Array>) => Generator<Uint8Array>;
  /** The same for a stream. */
  encodeStream: (body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => AsyncGenerator<Uint8Array>;
}

/**
 * Signs an upload whose body is signed chunk by chunk while it is sent, or whose checksum follows it.
 *
 * @param request - without `body` and `payloadHash`; its `content-encoding` is kept, with `aws-chunked` behind it
 * @throws {TypeError} a part of the request or a trailer is malformed
 * @throws {RangeError} a size is none, or `date` is invalid; while encoding: the body is not `decodedLength` long
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html}
 * @example
 * const { size: decodedLength } = await stat('film.mp4');
 * const upload = signChunked(signer, { method: 'PUT', host, path: '/film.mp4' }, { decodedLength });
 * const sent = https.request({ method: 'PUT', host, path: '/film.mp4', headers: upload.headers });
 * await pipeline(upload.encodeStream(createReadStream('film.mp4')), sent);
 */
export function signChunked(
  identity: SigningIdentity,
  request: SigningRequest,
  options: ChunkedOptions,
): ChunkedUpload {
  const { decodedLength, chunkSize, trailers = [], date = new Date() } = options;
  if (request.body !== undefined || request.payloadHash !== undefined) {
    throw new TypeError('body and payloadHash must be left out: the options say how the body is encoded');
  }
  const checked = checkedTrailers(trailers);
  const payloadHash = checkedPayloadHash(options.payloadHash, checked.length > 0);
  const format = { payloadHash, ...(chunkSize !== undefined && { chunkSize }) };
  const lengths = Object.fromEntries(checked.map(({ name, length }) => [name, length]));
  const contentLength = chunkedLength(decodedLength, format, lengths);

  const overrides = { ...options, date };
  const { headers, signature } = signHeaders(
    identity,
    {
      ...request,
      payloadHash,
      headers: {
        ...chunkedHeaders(request.headers ?? {}),
        'content-length': String(contentLength),
        'x-amz-decoded-content-length': String(decodedLength),
        ...(checked.length > 0 && { 'x-amz-trailer': Object.keys(lengths).join(',') }),
      },
    },
    overrides,
  );
  const context = identity.at(overrides);
  const { amzDate, scope } = context;
  const seed = { amzDate, scope, signature, sign: (text: string) => context.signature(text) };
  const encoder = (): ChunkEncoder => new ChunkEncoder({ ...format, decodedLength, trailers, seed });
  return {
    headers,
    signature,
    contentLength,
    *encode(body) {
      const chunks = encoder();
      for (const piece of body) yield* chunks.update(piece);
      yield* chunks.end();
    },
    async *encodeStream(body) {
      const chunks = encoder();
      for await (const piece of body) yield* chunks.update(piece);
      yield* chunks.end();
    },
  };
}

/** What the encoding writes itself. */
const OWN_HEADERS: readonly string[] = ['content-length', 'x-amz-decoded-content-length', 'x-amz-trailer'];

/** The headers given, without those that the encoding writes, and with the encoding's name. */
function chunkedHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const headers = Object.entries(given).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const kept = Object.fromEntries(headers.filter(([name]) => !OWN_HEADERS.includes(name)));
  // The object's own encoding comes first: it was applied first, and S3 takes off the last.
  const codings = (kept['content-encoding'] ?? '').split(/\s*,\s*/).filter((coding) => coding !== '');
  if (!codings.includes('aws-chunked')) codings.push('aws-chunked');
  return { ...kept, 'content-encoding': codings.join(',') };
}
