import { createHmacKey, sha256Hex } from './sha256.ts';
import type { HmacKey } from './sha256-types.ts';
import { signingKey } from './signing-key.ts';

/** Enough for a month of days in one region, or a day in every region; each key takes less than 1 KiB. */
const MAXIMUM_KEYS = 32;

/** Signing keys, derived when first asked for; the oldest gives way when there are too many. */
export class SigningKeyCache {
  readonly #keys: Map<string, HmacKey> = new Map();
  // The digest of the last secret is kept: it changes seldom, and hashing it each time costs 0.5 us.
  #secret = '';
  #secretDigest = '';

  get(secretAccessKey: string, amzDate: string, region: string, service: string): HmacKey {
    if (secretAccessKey !== this.#secret) {
      this.#secretDigest = sha256Hex(secretAccessKey);
      this.#secret = secretAccessKey;
    }
    const name = `${amzDate.slice(0, 8)}/${region}/${service}/${this.#secretDigest}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;

    const key = createHmacKey(signingKey(secretAccessKey, amzDate, region, service));
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size < MAXIMUM_KEYS) break;
      this.#keys.delete(oldest);
    }
    this.#keys.set(name, key);
    return key;
  }
}
