import { createHmacKey, sha256Hex } from './sha256.ts';
import type { HmacKey } from './sha256-types.ts';
import { signingKey } from './signing-key.ts';

/**
 * Signing keys, derived when first asked for; the oldest gives way when there are too many.
 *
 * Every signer has one. A server can give one to `verify`, with room for as many as it has users.
 *
 * @throws {RangeError} `maximumKeys` is not a whole number above 0
 */
export class SigningKeyCache {
  readonly #maximumKeys: number;
  readonly #keys: Map<string, HmacKey> = new Map();
  // Nearly every request wants the key of the one before; looking that up in the map costs 0.4 us.
  #last: { secret: string; amzDay: string; region: string; service: string; key: HmacKey } | undefined;

  /**
   * @param maximumKeys - how many to keep; each takes less than 1 KiB. The default is enough for a month of days in
   *   one region, or a day in every region
   */
  constructor(maximumKeys = 32) {
    if (!Number.isSafeInteger(maximumKeys) || maximumKeys < 1) {
      throw new RangeError('maximumKeys must be a whole number, 1 or more');
    }
    this.#maximumKeys = maximumKeys;
  }

  /** The key of a secret, day, region and service, ready to sign. */
  get(secret: string, amzDate: string, region: string, service: string): HmacKey {
    const last = this.#last;
    if (
      last !== undefined &&
      last.secret === secret &&
      last.region === region &&
      last.service === service &&
      amzDate.startsWith(last.amzDay)
    ) {
      return last.key;
    }
    const amzDay = amzDate.slice(0, 8);
    // The map is keyed by a digest, so that the secret does not lie about in it.
    const name = `${amzDay}/${region}/${service}/${sha256Hex(secret)}`;
    const key = this.#keys.get(name) ?? createHmacKey(signingKey(secret, amzDay, region, service));
    this.#keys.set(name, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= this.#maximumKeys) break;
      this.#keys.delete(oldest);
    }
    this.#last = { secret, amzDay, region, service, key };
    return key;
  }
}
