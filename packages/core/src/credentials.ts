import type { CredentialProvider, Credentials } from '@s3kit/sigv4';
import type { RequestSigner } from './request-signer.ts';

/** Who signs a connection's requests. */
export interface Identity {
  /**
   * The signer of now; undefined for requests without a signature.
   *
   * @param signal - ends the waiting for it
   * @throws {ConfigError} the provider failed, or gave what are no credentials
   */
  signer(signal?: AbortSignal): IdentifiedSigner | undefined | Promise<IdentifiedSigner | undefined>;
  /** Gets others in place of credentials that were refused; false where there are no others to be had. */
  replace(refused: Credentials): Promise<boolean>;
}

/** A signer, and the credentials that it has. */
export interface IdentifiedSigner {
  readonly signer: RequestSigner;
  readonly credentials: Credentials;
}

/** Makes what signs with credentials. @throws {TypeError} they are malformed */
export type SignerMaker = (credentials: Credentials) => RequestSigner;

/** Who signs with credentials, or with what a provider of them gives. */
export function identityOf(
  credentials: Credentials | CredentialProvider | 'anonymous',
  signerOf: SignerMaker,
  now: () => number,
): Identity {
  if (typeof credentials === 'function') return providedIdentity(credentials, signerOf, now);
  const only = credentials === 'anonymous' ? undefined : { signer: signerOf(credentials), credentials };
  return { signer: () => only, replace: async () => false };
}

/** What a provider gives is kept by what is loaded when it is asked for the first time. */
function providedIdentity(provider: CredentialProvider, signerOf: SignerMaker, now: () => number): Identity {
  let identity: Identity | undefined;
  const provided = async (): Promise<Identity> => {
    const { createProvidedIdentity } = await import('./provided-identity.ts');
    identity ??= createProvidedIdentity(provider, signerOf, now);
    return identity;
  };
  return {
    // What is provided always signs.
    signer: (signal) => identity?.signer(signal) ?? provided().then((made) => made.signer(signal)),
    replace: async (refused) => (await provided()).replace(refused),
  };
}
