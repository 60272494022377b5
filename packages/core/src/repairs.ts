import type { Credentials } from '@s3kit/sigv4';
import type { Connection, Outcome, S3Call } from './connection.ts';
import { bucketRegionOf, clockOffsetOf, isElsewhere, isExpired } from './corrections.ts';
import type { IdentifiedSigner, Identity } from './credentials.ts';
import type { Address } from './endpoint.ts';
import type { RoutedCall, SigningOutcome, SpecialRoutes } from './special-routes.ts';

// Of more, none is remembered, and found out anew.
const mostBuckets = 1_000;

/** What a connection has learnt from its service. */
export interface Learnt {
  /** How far the service's clock is ahead of ours, in milliseconds, as far as it has told. */
  clockOffset: number;
  /** The regions of buckets that turned out to be elsewhere. */
  readonly bucketRegions: Map<string, string>;
}

/** What the attempts of one call leave to each other. */
export interface CallState {
  corrections?: number;
  /** Whether credentials that were refused have been replaced. */
  replaced?: boolean;
  /** Whether the session of a directory bucket has been renewed. */
  renewed?: boolean;
  /** Whether such a session signed the last attempt. */
  session?: boolean;
  /** Those of the last attempt. */
  credentials?: Credentials | undefined;
  /** What the clock was corrected by when the last attempt was signed; another call may have learnt more since. */
  clockOffset?: number;
  /** The region that the last attempt was sent to. */
  region?: string;
}

/** What a connection shows to what is loaded later, beside what it shows to everybody. */
export interface ConnectionInside {
  readonly connection: Connection;
  readonly learnt: Learnt;
  readonly identity: Identity;
  readonly addressOf: (call: RoutedCall) => Promise<Address>;
  readonly signingOf: (call: RoutedCall, identified: IdentifiedSigner) => Promise<SigningOutcome>;
  readonly regionOf: (bucket: string | undefined) => string;
  readonly special: () => Promise<SpecialRoutes>;
}

/** Mends what a refusal shows to be wrong on our side; true where another attempt then makes sense. */
export async function repair(
  answer: Outcome,
  call: S3Call,
  state: CallState,
  inside: ConnectionInside,
): Promise<boolean> {
  const { credentials } = state;
  if (!state.renewed && state.session && isExpired(answer, { sessionToken: '' })) {
    state.renewed = true;
    if (await (await inside.special()).renew(call)) return true;
  }
  if (!state.replaced && credentials !== undefined && isExpired(answer, credentials)) {
    state.replaced = true;
    if (await inside.identity.replace(credentials)) return true;
  }
  // One for the clock and one for the region: a service that always asks for more is not followed.
  const { corrections = 0 } = state;
  state.corrections = corrections + 1;
  return (
    corrections < 2 &&
    (learnFrom(answer, call, state, inside) || (await askRegion(answer, call, state, inside)))
  );
}

/** Takes from a refusal what the service's clock says, or where the bucket is; true where the attempt did not know it. */
function learnFrom(
  answer: Outcome,
  call: S3Call,
  state: CallState,
  { connection, learnt }: ConnectionInside,
): boolean {
  const clockOffset = clockOffsetOf(answer, connection.now(), state.clockOffset ?? 0);
  if (clockOffset !== undefined) learnt.clockOffset = clockOffset;
  const region = bucketRegionOf(answer, call);
  const moved = region !== undefined && region !== state.region;
  if (moved && call.bucket !== undefined) {
    if (learnt.bucketRegions.size >= mostBuckets) learnt.bucketRegions.clear();
    learnt.bucketRegions.set(call.bucket, region);
  }
  return clockOffset !== undefined || moved;
}

/** Asks Amazon where a bucket is, after a refusal that says only that it is elsewhere; true where the attempt did not know it. */
async function askRegion(
  answer: Outcome,
  call: S3Call,
  { region: before }: CallState,
  { connection, regionOf }: ConnectionInside,
): Promise<boolean> {
  const { bucket, method, signal } = call;
  if (connection.service.name !== 'aws' || bucket === undefined || method === 'HEAD') return false;
  if (!isElsewhere(answer, call) || bucketRegionOf(answer, call) !== undefined) return false;
  if (regionOf(bucket) === before) await connection.send({ method: 'HEAD', bucket, signal });
  return regionOf(bucket) !== before;
}
