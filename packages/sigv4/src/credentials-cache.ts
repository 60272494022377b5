import { type Credentials, checkedCredentials } from './credentials.ts';

/** Gives credentials when asked; any provider function of an AWS SDK is one. */
export type CredentialProvider = () => Promise<Credentials>;

/** What a cache takes from outside. */
export interface CredentialsCacheOptions {
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

const minute = 60_000;

/**
 * Keeps what a provider gave until shortly before it expires: five minutes, or a tenth of its lifetime where that is
 * less. All who ask at a time share one call of the provider.
 *
 * A provider that fails while the credentials are still valid is asked again a minute later, and nobody notices.
 * Credentials without `expiration` are kept until somebody says that they are no longer taken.
 */
export class CredentialsCache {
  readonly #provider: (request: { readonly forceRefresh: boolean }) => Promise<Credentials>;
  readonly #now: () => number;
  #kept: { readonly credentials: Credentials; readonly refreshAt: number } | undefined;
  #pending: Promise<Credentials> | undefined;

  constructor(provider: CredentialProvider, { now = Date.now }: CredentialsCacheOptions = {}) {
    // A provider that keeps credentials itself, as those of the AWS SDKs do, has to know when to forget them.
    this.#provider = provider as (request: { readonly forceRefresh: boolean }) => Promise<Credentials>;
    this.#now = now;
  }

  /** The credentials that are kept, while nothing has to be asked for; `get` gives them too. */
  get current(): Credentials | undefined {
    return this.#kept !== undefined && this.#now() < this.#kept.refreshAt
      ? this.#kept.credentials
      : undefined;
  }

  /** The credentials of now. @throws what the provider throws; or a `TypeError`, where it gives what are no credentials */
  async get(): Promise<Credentials> {
    return this.current ?? this.#refresh(false);
  }

  /**
   * Other credentials in place of ones that the service no longer takes.
   *
   * @param refused - those that were refused; where they have been replaced since, nothing is asked for
   * @throws what the provider throws
   */
  async replace(refused: Credentials): Promise<Credentials> {
    if (this.#kept !== undefined && this.#kept.credentials !== refused) return this.get();
    return this.#refresh(true);
  }

  #refresh(forceRefresh: boolean): Promise<Credentials> {
    this.#pending ??= this.#ask(forceRefresh).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #ask(forceRefresh: boolean): Promise<Credentials> {
    try {
      const credentials = checked(await this.#provider({ forceRefresh }));
      this.#kept = { credentials, refreshAt: this.#refreshTime(credentials) };
      return credentials;
    } catch (error) {
      const kept = this.#kept?.credentials;
      const expiration = kept?.expiration?.getTime() ?? 0;
      if (forceRefresh || kept === undefined || this.#now() >= expiration) throw error;
      this.#kept = { credentials: kept, refreshAt: Math.min(this.#now() + minute, expiration) };
      return kept;
    }
  }

  #refreshTime({ expiration }: Credentials): number {
    if (expiration === undefined) return Number.POSITIVE_INFINITY;
    const lifetime = expiration.getTime() - this.#now();
    return expiration.getTime() - Math.min(5 * minute, lifetime / 10);
  }
}

/**
 * A copy of what a provider gave, with its expiration as a date also where it is a text, as in JSON.
 *
 * @throws {TypeError} a field is missing, or is not what it has to be
 */
function checked(given: Credentials): Credentials {
  const credentials = { ...given, ...checkedCredentials(given) };
  const { expiration }: { readonly expiration?: unknown } = given;
  if (expiration === undefined) return credentials;
  const date = typeof expiration === 'string' ? new Date(expiration) : expiration;
  if (!(date instanceof Date) || Number.isNaN(date.getTime()))
    throw new TypeError('credentials.expiration must be a Date, or a date as text (ISO 8601)');
  return { ...credentials, expiration: date };
}
