import { formatAmzDate } from './amz-date.ts';
import type { PathRules } from './canonical-uri.ts';
import { credentialScope } from './credential-scope.ts';
import { type Credentials, checkedCredentials } from './credentials.ts';
import { encodeQueryComponent } from './percent-encoding.ts';
import { checkedRules, checkedScopePart } from './scope-part.ts';
import { DEFAULT_SERVICE, rulesOf } from './services.ts';
import type { HmacKey } from './sha256-types.ts';
import { SigningKeyCache } from './signing-key-cache.ts';

/** What a `Signer` is made of. */
export interface SignerOptions {
  /** The region for which to sign, such as `eu-west-1`; `auto` for Cloudflare R2. */
  region: string;
  /** The signing name of the service. @default 's3' */
  service?: string;
  /** Who signs; copied. */
  credentials: Credentials;
  /** How the path enters the signature. @default 's3' for the services of S3, 'general' for all others */
  rules?: PathRules;
}

/** What one signature may change. */
export interface SignOverrides {
  /** The time of the request, for a corrected clock. @default now */
  date?: Date;
  /** Other credentials, for example refreshed ones. @default those of the signer */
  credentials?: Credentials;
  /** Another region, for example after a redirect. @default that of the signer */
  region?: string;
}

/**
 * What the signatures of one moment have in common, without the secret: the credential that they name, and
 * the key, which can be used but not read.
 */
export class SigningContext {
  /** The public name of the credentials. */
  readonly accessKeyId: string;
  /** The moment, as `20130524T000000Z`. */
  readonly amzDate: string;
  /** See `credentialScope`. */
  readonly scope: string;
  // Private, since a session token is half a secret: neither inspect nor JSON shows a getter.
  readonly #sessionToken: string | undefined;
  readonly #key: HmacKey;
  #encodedCredential: string | undefined;

  /** @internal contexts come from `SigningIdentity.at` */
  constructor({ accessKeyId, sessionToken }: Credentials, amzDate: string, scope: string, key: HmacKey) {
    this.accessKeyId = accessKeyId;
    this.amzDate = amzDate;
    this.scope = scope;
    this.#sessionToken = sessionToken;
    this.#key = key;
  }

  /** The session token of temporary credentials. */
  get sessionToken(): string | undefined {
    return this.#sessionToken;
  }

  /** The credential as a request names it: `<access key id>/<scope>`. */
  get credential(): string {
    return `${this.accessKeyId}/${this.scope}`;
  }

  /** The same as a query parameter holds it. */
  get encodedCredential(): string {
    this.#encodedCredential ??= encodeQueryComponent(this.credential);
    return this.#encodedCredential;
  }

  /** Signs a string to sign, which is ASCII. @returns 64 hexadecimal digits */
  signature(stringToSign: string): string {
    return this.#key.hex(stringToSign);
  }
}

/**
 * Who signs, and for what: credentials, region, service, and the signing keys derived from them.
 *
 * A `Signer` is one with methods. Use this class with `signHeaders`, `presignUrl` and the other functions where
 * a bundle must hold no more than it uses.
 *
 * The credentials are private to the object: neither `util.inspect` nor JSON shows them. Signing keys are
 * kept per object, at most 32.
 *
 * @throws {TypeError} an option is missing or malformed
 */
export class SigningIdentity {
  /** The region for which requests are signed. */
  readonly region: string;
  /** The signing name of the service. */
  readonly service: string;
  /** How the path enters the signature. */
  readonly rules: PathRules;

  readonly #credentials: Credentials;
  readonly #keys: SigningKeyCache = new SigningKeyCache();
  // A signature names its second, so a busy signer can use what it has made for the one before.
  #last: { second: number; context: SigningContext } | undefined;

  constructor(options: SignerOptions) {
    this.region = checkedScopePart(options.region, 'region');
    this.service = checkedScopePart(options.service ?? DEFAULT_SERVICE, 'service');
    this.rules = checkedRules(options.rules ?? rulesOf(this.service));
    this.#credentials = checkedCredentials(options.credentials);
  }

  /**
   * What is needed to sign at one moment.
   *
   * @throws {TypeError} an override is malformed
   * @throws {RangeError} `date` is invalid
   */
  at({ date, credentials, region }: SignOverrides = {}): SigningContext {
    if (credentials !== undefined || (region !== undefined && region !== this.region)) {
      const checked = credentials === undefined ? this.#credentials : checkedCredentials(credentials);
      return this.#context(date ?? new Date(), checked, checkedScopePart(region ?? this.region, 'region'));
    }
    const moment = date ?? new Date();
    // What is no Date has no second, and is refused where it is written out.
    const second = moment instanceof Date ? Math.floor(moment.getTime() / 1000) : Number.NaN;
    if (this.#last?.second !== second) {
      const context = this.#context(moment, this.#credentials, this.region);
      this.#last = { second, context };
    }
    return this.#last.context;
  }

  #context(date: Date, credentials: Credentials, region: string): SigningContext {
    const amzDate = formatAmzDate(date);
    const key = this.#keys.get(credentials.secretAccessKey, amzDate, region, this.service);
    return new SigningContext(credentials, amzDate, credentialScope(amzDate, region, this.service), key);
  }
}
