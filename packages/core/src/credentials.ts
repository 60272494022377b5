import { type CredentialProvider, type Credentials, CredentialsCache, Signer } from '@s3kit/sigv4';
import type { Outcome } from './connection.ts';
import type { S3ConnectionConfig } from './connection-config.ts';
import { ConfigError } from './errors.ts';

/** Who signs a connection's requests. */
export interface Identity {
  /**
   * The signer of now; undefined for requests without a signature.
   *
   * @throws {ConfigError} the provider failed, or gave what are no credentials
   */
  signer(): Promise<IdentifiedSigner | undefined>;
  /** Gets others in place of credentials that were refused; false where there are no others to be had. */
  replace(refused: Credentials): Promise<boolean>;
}

/** A signer, and the credentials that it has. */
export interface IdentifiedSigner {
  readonly signer: Signer;
  readonly credentials: Credentials;
}

/** The part of a configuration that says who signs. */
type IdentityConfig = Pick<
  S3ConnectionConfig,
  'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'credentials'
>;

/** Reads from a checked configuration who signs. */
export function identityOf(config: IdentityConfig, region: string, now: () => number): Identity {
  const { accessKeyId = '', secretAccessKey = '', sessionToken } = config;
  const credentials = config.credentials ?? {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  };
  if (credentials === 'anonymous') {
    return { signer: async () => undefined, replace: async () => false };
  }
  if (typeof credentials === 'function') return providedIdentity(credentials, region, now);
  const only = { signer: new Signer({ region, credentials }), credentials };
  return { signer: async () => only, replace: async () => false };
}

function providedIdentity(provider: CredentialProvider, region: string, now: () => number): Identity {
  const cache = new CredentialsCache(provider, { now });
  // A signer has keys that it derived: it is kept as long as its credentials are.
  let last: IdentifiedSigner | undefined;
  return {
    async signer() {
      const credentials = await explained(cache.get());
      if (last?.credentials !== credentials) {
        last = { signer: await explained(newSigner(region, credentials)), credentials };
      }
      return last;
    },
    async replace(refused) {
      await explained(cache.replace(refused));
      return true;
    },
  };
}

async function newSigner(region: string, credentials: Credentials): Promise<Signer> {
  return new Signer({ region, credentials });
}

/** What fails in a provider is no failure of the network to S3, and another attempt is the provider's own business. */
async function explained<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new ConfigError(`no credentials to sign with: ${reason}`, { key: 'credentials' }, error);
  }
}

const expiredCodes = [
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidToken',
  // Ceph's gateway says so of a session token that it does not take.
  'InvalidAccessKeyId',
];

/**
 * Whether S3 refused because the session token is no longer taken.
 *
 * The answer to a HEAD has no document: there the status is all that it says.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html}
 */
export function isExpired(
  { response, error }: Outcome,
  { sessionToken }: Pick<Credentials, 'sessionToken'>,
): boolean {
  if (sessionToken === undefined || error === undefined) return false;
  return expiredCodes.includes(error.code) || (response.method === 'HEAD' && response.status === 400);
}
