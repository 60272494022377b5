import { type DeletedName, isStorageError, type S3Key } from '@s3kit/core';
import { Lanes } from './lanes.ts';
import { asError } from './local-folder.ts';
import { compareNames } from './order.ts';
import type { RemotePlace } from './place.ts';
import { sameETag } from './same-e-tag.ts';
import { sourceChanged } from './source-changed.ts';
import { nameIn } from './transfers.ts';

/** An object that has been sent, and the ETag that it had. */
export interface SentObject {
  /** Behind the place's prefix. */
  readonly name: string;
  readonly eTag: string;
}

// A page that tells of fewer objects than this costs more than to ask for each.
const worthListing = 10;
const headsAtATime = 16;

/**
 * Deletes objects that have been sent, but for those that are no longer what was sent. Tells of each, in their order, why it is still
 * there; nothing where it has gone.
 *
 * S3 compares the ETags itself when it deletes. Others overlook that, and none tells whether it does: so what is there is looked at
 * before, a page for a thousand objects that lie together. Where only that guards them, what is written between the
 * two requests is lost.
 *
 * @throws {Error} the bucket cannot be listed; and the signal's reason
 */
export async function deleteSent(
  place: RemotePlace,
  sent: readonly SentObject[],
  signal: AbortSignal,
): Promise<readonly (Error | undefined)[]> {
  const states = await statesOf(place, sent, signal);
  const unchanged = sent.filter(({ name, eTag }) => {
    const state = states.get(name);
    return typeof state === 'string' && sameETag(state, eTag);
  });
  const names = unchanged.map(({ name, eTag }) => ({
    key: place.prefix + name,
    bucket: place.bucket,
    ifMatch: eTag,
  }));
  const results = new Map<string, DeletedName>();
  for await (const result of place.storage.deleteMany(names, { signal }))
    results.set(result.name.key.slice(place.prefix.length), result);
  return sent.map(({ name }) => {
    const state = states.get(name);
    if (state === undefined || state instanceof Error) return state;
    const result = results.get(name);
    if (result === undefined || result.error?.code === 'PreconditionFailed')
      return sourceChanged(`s3://${place.bucket}/${place.prefix}${name}`);
    return result.error;
  });
}

/** The ETag that an object has now; an error where that cannot be had, and undefined where the object has gone. */
type State = string | Error | undefined;

async function statesOf(
  place: RemotePlace,
  objects: readonly SentObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, State>> {
  const names = objects.map(({ name }) => name).sort(compareNames);
  const states = names.length > worthListing ? await listedStates(place, names, signal) : new Map();
  const lanes = new Lanes(headsAtATime);
  for (const name of names) {
    if (!states.has(name))
      await lanes.start(async () => void states.set(name, await stateOf(place, name, signal)));
  }
  await lanes.idle();
  signal.throwIfAborted();
  return states;
}

/** As far as pages tell of many at a time. A listing begins behind a name: of the first, it tells nothing. */
async function listedStates(
  { storage, bucket, prefix }: RemotePlace,
  [first = '', ...names]: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, State>> {
  const states = new Map<string, State>();
  const params = { 'fetch-owner': 'false', 'start-after': prefix + first };
  let next = 0;
  for await (const keys of storage.bucketListKeys(bucket, { prefix, params, signal }).pages()) {
    const page = keys.filter((key): key is S3Key => typeof key === 'object' && key.key.startsWith(prefix));
    const found = new Map(page.map(({ key, eTag }) => [key.slice(prefix.length), eTag]));
    const last = page.at(-1)?.key.slice(prefix.length) ?? '';
    const before = next;
    for (let name = names[next]; name !== undefined && compareNames(name, last) <= 0; name = names[++next])
      states.set(name, found.get(name));
    if (next === names.length || next - before < worthListing) break;
  }
  return states;
}

async function stateOf(place: RemotePlace, name: string, signal: AbortSignal): Promise<State> {
  try {
    return (await place.storage.head(nameIn(place, { name }), { signal })).eTag ?? '';
  } catch (error) {
    return isStorageError(error) && error.status === 404 ? undefined : asError(error);
  }
}
