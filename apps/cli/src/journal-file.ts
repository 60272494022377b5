import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Place, Shard } from '@s3kit/sync';

/** Two places that a run is between. */
export interface Sides {
  readonly source: Place;
  readonly destination: Place;
}

// Characters: no file system has names of less than three bytes for each of these, and what stands behind them.
const longestStem = 60;

/**
 * Where a run of many files keeps what it has done: in the folder that is named, else beside the local folder, else, between two
 * buckets, in the current one. Each pair of places has a name of its own, and so has each shard of a run.
 */
export async function journalFile(
  sides: Sides,
  folder: string | undefined,
  shard: Shard | undefined,
): Promise<string> {
  const local = [sides.source, sides.destination].find((place) => place.kind === 'local');
  const path = local?.kind === 'local' ? resolve(local.path) : undefined;
  const identity = JSON.stringify([describe(sides.source), describe(sides.destination), shard]);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const stem = path === undefined ? 'copy' : basename(path).slice(0, longestStem);
  const within = folder ?? (path === undefined ? '.' : dirname(path));
  await mkdir(within, { recursive: true });
  return join(within, `.${stem}.${digest}.s3kit-sync`);
}

function describe(place: Place): readonly string[] {
  if (place.kind === 'local') return [resolve(place.path)];
  return [place.storage.connection.endpoint, place.bucket, place.prefix];
}
