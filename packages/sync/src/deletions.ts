import type { DeleteAction, SkipAction } from './action.ts';
import type { SyncEvent } from './events.ts';
import { asError, LocalFolder } from './local-folder.ts';
import type { Place } from './place.ts';
import { nameIn } from './transfers.ts';

/** Deletes from a place what a stream of actions says, and tells of each. Of a bucket, 1,000 in a request. */
export async function* carryOutDeletions(
  place: Place,
  actions: AsyncIterable<DeleteAction>,
  signal: AbortSignal,
): AsyncGenerator<SyncEvent, void, undefined> {
  if (place.kind === 'local') {
    const folder = new LocalFolder(place.path);
    for await (const action of actions) {
      signal.throwIfAborted();
      yield await deleteFile(folder, action);
    }
    return;
  }
  const underWay: DeleteAction[] = [];
  async function* names(): AsyncGenerator<ReturnType<typeof nameIn>> {
    for await (const action of actions) {
      underWay.push(action);
      // The place is a remote one, which the closure cannot know.
      if (place.kind === 'remote') yield nameIn(place, action);
    }
  }
  // What became of them comes in their order.
  for await (const { error } of place.storage.deleteMany(names(), { signal })) {
    const action = underWay.shift();
    if (action === undefined) continue;
    yield error === undefined ? { type: 'done', action } : { type: 'failed', action, error };
  }
}

async function deleteFile(folder: LocalFolder, action: DeleteAction): Promise<SyncEvent> {
  try {
    const obstacle = await folder.delete(action.name);
    if (obstacle === undefined) return { type: 'done', action };
    return { type: 'skipped', action: skipped(action, obstacle) };
  } catch (error) {
    return { type: 'failed', action, error: asError(error) };
  }
}

/** What becomes of an action that something stands in the way of. */
export function skipped(
  { name, size }: { readonly name: string; readonly size: number },
  { reason, detail }: Pick<SkipAction, 'reason' | 'detail'>,
): SkipAction {
  return { kind: 'skip', name, size, reason, detail, serious: false };
}
