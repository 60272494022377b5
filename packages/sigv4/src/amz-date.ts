/**
 * Writes a moment as Signature Version 4 does, in UTC: `20130524T000000Z`. Milliseconds are cut off.
 *
 * @throws {RangeError} the date is invalid, or not in the years 0 to 9999
 */
export function formatAmzDate(date: Date): string {
  const time = date.getTime();
  if (!(time >= -62_167_219_200_000 && time < 253_402_300_800_000)) {
    throw new RangeError('date must be a valid Date in the years 0 to 9999');
  }
  const iso = date.toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/** Reads what `formatAmzDate` writes; anything else, the 30th of February included, is `undefined`. */
export function parseAmzDate(text: string): Date | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined;
  const date = new Date(text.replace(/^(....)(..)(.....)(..)(..)Z$/, '$1-$2-$3:$4:$5Z'));
  return !Number.isNaN(date.getTime()) && formatAmzDate(date) === text ? date : undefined;
}
