import { type CredentialProvider, CredentialsCache } from '@s3kit/sigv4';
import { ConfigError } from './config-error.ts';
import type { IdentifiedSigner, Identity, SignerMaker } from './credentials.ts';
import { orAborted } from './or-aborted.ts';

/** Who signs with what a provider gives. */
export function createProvidedIdentity(
  provider: CredentialProvider,
  signerOf: SignerMaker,
  now: () => number,
): Identity {
  const cache = new CredentialsCache(provider, { now });
  // A signer has keys that it derived: it is kept as long as its credentials are.
  let last: IdentifiedSigner | undefined;
  const renewed = async (): Promise<IdentifiedSigner> => {
    const credentials = await explained(cache.get());
    if (last?.credentials !== credentials) last = { signer: signerOf(credentials), credentials };
    return last;
  };
  return {
    signer: (signal) =>
      last !== undefined && last.credentials === cache.current ? last : orAborted(renewed(), signal),
    async replace(refused) {
      await explained(cache.replace(refused));
      return true;
    },
  };
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
