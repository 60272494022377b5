import type { StoredObject } from './copy-through.ts';
import { asError, codeOf } from './local-folder.ts';

/**
 * The tags of an object, for a copy of it.
 *
 * @throws {Error} they cannot be read: nobody would notice that the copy has none
 */
export async function carriedTags(
  { storage, name }: StoredObject,
  options: { readonly versionId?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Readonly<Record<string, string>>> {
  try {
    const { Tagging } = await storage.objectGetTagging(name, options);
    return Object.fromEntries(Tagging.TagSet.Tag.map(({ Key, Value }) => [Key, Value]));
  } catch (error) {
    options.signal?.throwIfAborted();
    const { message } = asError(error);
    throw Object.assign(
      new Error(
        `the tags cannot be read, and the copy would lack them (--tag, or x-amz-tagging, gives it others): ${message}`,
        {
          cause: error,
        },
      ),
      { code: codeOf(error) },
    );
  }
}
