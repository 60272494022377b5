import { Paged, type S3Name } from '@s3kit/core';
import type { DeleteAction, SkipAction, TransferAction } from './action.ts';
import type { SyncEvent } from './events.ts';
import { asError, LocalFolder } from './local-folder.ts';
import type { Place, RemotePlace } from './place.ts';
import { nameIn } from './transfers.ts';

/**
 * Deletes from a place what batches of actions say, and tells of each. Of a bucket, 1,000 in a request.
 *
 * @param keepsFolders - folders of this machine that are empty then stay, unless an action says otherwise
 */
export async function* carryOutDeletions(
  place: Place,
  batches: AsyncIterable<readonly DeleteAction[]>,
  { signal, keepsFolders }: { readonly signal: AbortSignal; readonly keepsFolders: boolean },
): AsyncGenerator<readonly SyncEvent[], void, undefined> {
  if (place.kind === 'local') {
    const folder = new LocalFolder(place.path);
    for await (const actions of batches)
      for (const action of actions) {
        signal.throwIfAborted();
        yield [await deleteFile(folder, action, keepsFolders)];
      }
    return;
  }
  const underWay: DeleteAction[] = [];
  async function* names(at: RemotePlace): AsyncGenerator<readonly S3Name[], void, undefined> {
    for await (const actions of batches) {
      underWay.push(...actions);
      yield actions.map((action) => nameIn(at, action));
    }
  }
  const deleting = place.storage.deleteMany(new Paged(async () => names(place)), { signal });
  // What became of them comes in their order.
  for await (const results of deleting.pages()) {
    yield underWay.splice(0, results.length).map((action, index): SyncEvent => {
      const error = results[index]?.error;
      return error === undefined ? { type: 'done', action } : { type: 'failed', action, error };
    });
  }
}

async function deleteFile(
  folder: LocalFolder,
  action: DeleteAction,
  keepsFolders: boolean,
): Promise<SyncEvent> {
  try {
    const obstacle = await folder.delete(action.name, keepsFolders);
    if (obstacle === undefined) return { type: 'done', action };
    return { type: 'skipped', action: skipped(action, obstacle) };
  } catch (error) {
    return { type: 'failed', action, error: asError(error) };
  }
}

/** What becomes of an action that something stands in the way of. */
export function skipped(
  { kind, name, size }: DeleteAction | TransferAction,
  { reason, detail }: Pick<SkipAction, 'reason' | 'detail'>,
): SkipAction {
  const side = kind === 'delete' ? 'destination' : 'source';
  return { kind: 'skip', name, size, reason, detail, side, serious: false };
}
