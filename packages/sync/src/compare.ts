import { S3Name } from '@s3kit/core';
import type { TransferReason } from './action.ts';
import type { Entry } from './entry.ts';
import { hasSameContent } from './fingerprint.ts';
import type { PlanOptions } from './options.ts';
import type { Place } from './place.ts';
import { readPreserved } from './preserved.ts';

/** Two sides that are compared. */
export interface Sides {
  readonly source: Place;
  readonly destination: Place;
}

/** Why a file that both sides have is to be sent again; undefined where it is not. A function where somebody has to be asked. */
export function differenceOf(
  source: Entry,
  destination: Entry,
  sides: Sides,
  options: PlanOptions,
): TransferReason | undefined | (() => Promise<TransferReason | undefined>) {
  const { compare = 'modified', exactTimestamps = false, preserve = false, signal } = options;
  if (compare === 'always') return 'always';
  // A folder has nothing that could differ.
  if (source.name.endsWith('/') && source.size === 0 && destination.size === 0) return undefined;
  if (source.size !== destination.size) return 'size';
  if (compare === 'size') return undefined;
  if (compare === 'checksum') {
    const one = { place: sides.source, entry: source };
    const other = { place: sides.destination, entry: destination };
    return async () => ((await hasSameContent(one, other, signal)) ? undefined : 'checksum');
  }
  const difference = differenceOfTimes(
    source.modified,
    destination.modified,
    // An object is always newer than what it was made of, but where its metadata tells of the time of a file that is there.
    exactTimestamps && (sides.destination.kind === 'local' || (preserve && sides.source.kind === 'local')),
  );
  if (difference === undefined || !preserve) return difference;
  return async () =>
    (await differenceOfPreserved(source, destination, sides, signal)) ? difference : undefined;
}

/** S3 keeps whole seconds: where one side has no fraction, that of the other does not count. */
function differenceOfTimes(source: number, destination: number, exact: boolean): TransferReason | undefined {
  const isWhole = source % 1000 === 0 || destination % 1000 === 0;
  const difference = isWhole
    ? Math.floor(source / 1000) - Math.floor(destination / 1000)
    : source - destination;
  if (difference > 0) return 'newer';
  return exact && difference < 0 ? 'time' : undefined;
}

/** Whether the times differ that the sides' files had, by their metadata. */
async function differenceOfPreserved(
  source: Entry,
  destination: Entry,
  sides: Sides,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const one = await preservedTime(sides.source, source, signal);
  const other = await preservedTime(sides.destination, destination, signal);
  // What writes a time in seconds has lost the fraction.
  return one === undefined || other === undefined || Math.floor(one / 1000) !== Math.floor(other / 1000);
}

async function preservedTime(
  place: Place,
  { name, modified }: Entry,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (place.kind === 'local') return modified;
  const options = signal === undefined ? {} : { signal };
  const [, metadata] = await place.storage.exists(new S3Name(place.prefix + name, place.bucket), options);
  return readPreserved(metadata).modified;
}
