import { EMPTY_SHA256 } from './payload-literals.ts';
import { sha256Hex } from './sha256.ts';
import { ALGORITHM } from './signature-text.ts';

/** What the chunk signatures of one body depend on besides the chunks. */
export interface ChunkSeed {
  /** The request's date as `20130524T000000Z`. */
  amzDate: string;
  /** See `credentialScope`. */
  scope: string;
  /** The signature of the request's headers. */
  signature: string;
  /** Signs a string to sign. */
  sign: (stringToSign: string) => string;
}

/**
 * The signatures of a body's chunks, each of which depends on the one before.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html}
 */
export class ChunkSignatures {
  readonly #seed: ChunkSeed;
  #previous: string;
  /** Of the signature that was made last. */
  stringToSign = '';

  constructor(seed: ChunkSeed) {
    this.#seed = seed;
    this.#previous = seed.signature;
  }

  /** The next chunk's signature. */
  chunk(sha256: string): string {
    return this.#next('PAYLOAD', `${EMPTY_SHA256}\n${sha256}`);
  }

  /** The trailer's signature: the last one. */
  trailer(fields: Iterable<readonly [name: string, value: string]>): string {
    return this.#next('TRAILER', sha256Hex(canonicalTrailer(fields)));
  }

  #next(kind: 'PAYLOAD' | 'TRAILER', digests: string): string {
    const { amzDate, scope, sign } = this.#seed;
    this.stringToSign = `${ALGORITHM}-${kind}\n${amzDate}\n${scope}\n${this.#previous}\n${digests}`;
    this.#previous = sign(this.stringToSign);
    return this.#previous;
  }
}

/** A `name:value` line for each field, in the order of the names. */
function canonicalTrailer(fields: Iterable<readonly [name: string, value: string]>): string {
  const lines = Array.from(fields, ([name, value]) => `${name}:${value}\n`);
  return lines.sort((a, b) => (a < b ? -1 : 1)).join('');
}
