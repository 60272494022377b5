import type { SyncOptions } from '@s3kit/sync';
import type { Sides } from './journal-file.ts';
import { globEscaped } from './s3-uri.ts';

/** The folder of the source that is the destination, where that lies in it; it ends in a slash. */
export function innerFolder({ source, destination }: Sides): string | undefined {
  if (source.kind === 'local' || destination.kind === 'local' || source.storage !== destination.storage)
    return undefined;
  const isInner = source.bucket === destination.bucket && destination.prefix.startsWith(source.prefix);
  return isInner ? destination.prefix.slice(source.prefix.length) || undefined : undefined;
}

/** The same options, by which nothing that lies in the destination is sent. */
export function outsideOf(inner: string | undefined, options: SyncOptions): SyncOptions {
  if (inner === undefined) return options;
  const { filter = {} } = options;
  const rules = [...(filter.rules ?? []), { exclude: `/${globEscaped(inner)}` }];
  return { ...options, filter: { ...filter, rules } };
}
