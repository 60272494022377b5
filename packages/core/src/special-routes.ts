import { type ResolvedEndpoint, resolveEndpoint, type Signing } from '@s3kit/endpoints';
import { type Credentials, Signer } from '@s3kit/sigv4';
import type { SignerV4a } from '@s3kit/sigv4/v4a';
import type { Outcome, Refusal, S3Call } from './connection.ts';
import { type Address, type AwsOptions, addressOf, type Endpoint } from './endpoint.ts';
import { isStandard, parseEndpoint } from './endpoint-settings.ts';
import { ExpressSessions } from './express-session.ts';
import type { RequestHeaders } from './headers.ts';
import { orAborted } from './or-aborted.ts';
import { queryPairs } from './query.ts';
import { asRefused } from './refused-argument.ts';
import type { RequestSigner } from './request-signer.ts';

/** What of a request tells its bucket, key and operation. */
export type RoutedCall = Pick<S3Call, 'method' | 'bucket' | 'key' | 'query' | 'headers' | 'signal'>;

/** The signer of a session. */
type SessionSigner = Pick<Signer, 'sign' | 'presign'>;

/** What signs a request, and what goes with it then. */
interface SpecialSigning {
  readonly signer: Signer | SignerV4a | SessionSigner | RequestSigner;
  /** The region to sign for; `*` where it is all of them. */
  readonly region: string;
  /** The token of the session whose keys these are. `sign` sends it as a header; a presigned URL has to be given it. */
  readonly sessionToken?: string;
}

/** The same, or the answer that refused a session for it. */
export type SigningOutcome = SpecialSigning | { readonly refusal: Refusal };

/** What special routes need of their connection. */
export interface SpecialRoutesOptions {
  readonly aws: AwsOptions;
  readonly endpoint: Endpoint;
  /** The service's clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Sends a request of its own. */
  readonly send: (call: S3Call) => Promise<Outcome>;
}

// What of a directory bucket is asked of its zone; all else that has no key is asked of the region's control endpoint.
const zonal = ['session', 'list-type', 'uploads', 'delete'];

/**
 * The ways to access points, Outposts, S3 Express, FIPS and dual-stack hosts and acceleration, of one connection.
 *
 * It is loaded when it is needed: most connections never do.
 */
export class SpecialRoutes {
  /** Whether the endpoint is one of the caller's own, not S3's of the region. */
  readonly #custom: boolean;
  readonly #options: SpecialRoutesOptions;
  readonly #sessions: ExpressSessions;
  /** The signers of the credentials in use; they have keys that they derived. */
  readonly #signers: WeakMap<Credentials, Map<string, Signer | SignerV4a>> = new WeakMap();

  constructor(options: SpecialRoutesOptions) {
    this.#options = options;
    this.#custom = !isStandard(options.endpoint);
    const query = { session: '' };
    this.#sessions = new ExpressSessions(
      (bucket) => options.send({ method: 'GET', bucket, query, errorInside200: true }),
      options.now,
    );
  }

  /** @throws {TypeError} a malformed ARN or name, or settings that do not go together */
  address(call: RoutedCall, region: string): Address {
    const { endpoint } = this.#options;
    const { url } = this.#resolve(call, region);
    const ownScheme = this.#custom ? url : url.replace(/^https:/, endpoint.protocol);
    const found = parseEndpoint({ endpoint: ownScheme, tls: undefined, region, addressingStyle: 'path' });
    return addressOf(found, undefined, call.key);
  }

  /** Who signs the call, or the answer that refused a session to do so. */
  async signing(call: RoutedCall, region: string, credentials: Credentials): Promise<SigningOutcome> {
    const { signing } = this.#resolve(call, region);
    if (signing.session && signing.version === 'v4' && call.bucket !== undefined) {
      // The session is for others, too: who does not wait for it any more does not end it.
      const outcome = await orAborted(this.#sessions.get(call.bucket, signing.region), call.signal);
      if ('refusal' in outcome) return outcome;
      const { signer, token } = outcome.session;
      return { signer: inSession(signer, token), region: signing.region, sessionToken: token };
    }
    return { signer: await this.#signer(signing, credentials), region: signing.region ?? '*' };
  }

  /** Forgets the session that signed a call which was refused for it; true where a new one can be had. */
  async renew({ bucket }: RoutedCall): Promise<boolean> {
    return bucket !== undefined && this.#sessions.forget(bucket);
  }

  #resolve({ method, bucket, key, query = {}, headers = {} }: RoutedCall, region: string): ResolvedEndpoint {
    const asked = new Set(queryPairs(query).map(([name]) => name));
    const { endpoint, aws } = this.#options;
    const { dualstack = false, fips = false, accelerate = false } = aws;
    const ofBucket = key === undefined && method !== 'HEAD' && !zonal.some((name) => asked.has(name));
    return resolved({
      region,
      dualstack,
      fips,
      // Buckets are neither made nor deleted nor listed there.
      accelerate:
        accelerate &&
        (key !== undefined || (bucket !== undefined && method !== 'PUT' && method !== 'DELETE')),
      pathStyle: endpoint.style === 'path',
      expressControl: bucket !== undefined && ofBucket,
      // A session is for one bucket, and a copy is about two; nor is a session asked for with a session.
      disableSession: asked.has('session') || isCopy(headers),
      ...(bucket === undefined ? {} : { bucket }),
      ...(this.#custom ? { endpoint: urlOf(endpoint) } : {}),
    });
  }

  async #signer(signing: Signing, credentials: Credentials): Promise<Signer | SignerV4a> {
    const signers = this.#signers.get(credentials) ?? new Map<string, Signer | SignerV4a>();
    this.#signers.set(credentials, signers);
    const { name: service, region } = signing;
    // Outposts take both; the old one is cheaper.
    const name = `${service} ${region ?? ''}`;
    const signer = signers.get(name) ?? (await newSigner(service, region, credentials));
    signers.set(name, signer);
    return signer;
  }
}

/** @throws {TypeError} what the endpoint rules refuse, as an argument of the caller's */
function resolved(parameters: Parameters<typeof resolveEndpoint>[0]): ResolvedEndpoint {
  try {
    return resolveEndpoint(parameters);
  } catch (error) {
    throw asRefused(error);
  }
}

/** CopyObject and UploadPartCopy. @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html} */
function isCopy(headers: RequestHeaders): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'x-amz-copy-source');
}

/** A signer that sends a session's token along. */
function inSession(signer: Signer, token: string): SessionSigner {
  return {
    sign: (request, options) =>
      signer.sign({ ...request, headers: { ...request.headers, 'x-amz-s3session-token': token } }, options),
    presign: (request, options) => signer.presign(request, options),
  };
}

async function newSigner(
  service: string,
  region: string | undefined,
  credentials: Credentials,
): Promise<Signer | SignerV4a> {
  if (region !== undefined) return new Signer({ service, region, credentials });
  const { SignerV4a } = await import('./signer-v4a.ts');
  return new SignerV4a({ service, regionSet: '*', credentials });
}

function urlOf(endpoint: Endpoint): string {
  const { protocol, host } = addressOf(endpoint);
  return `${protocol}//${host}${endpoint.basePath}`;
}
