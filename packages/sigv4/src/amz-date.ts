/**
 * Writes a moment as Signature Version 4 does, in UTC: `20130524T000000Z`. Milliseconds are cut off.
 *
 * @throws {RangeError} the date is invalid, or not in the years 0 to 9999
 */
export function formatAmzDate(date: Date): string {
  // Plain JavaScript may bring a number or a string.
  const time = date instanceof Date ? date.getTime() : Number.NaN;
  if (!(time >= -62_167_219_200_000 && time < 253_402_300_800_000)) {
    throw new RangeError('date must be a valid Date in the years 0 to 9999');
  }
  // Not by toISOString(), which takes four times as long and has to be cut up.
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const day = `${year}${twoDigits(date.getUTCMonth() + 1)}${twoDigits(date.getUTCDate())}`;
  return `${day}T${twoDigits(date.getUTCHours())}${twoDigits(date.getUTCMinutes())}${twoDigits(date.getUTCSeconds())}Z`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** Reads what `formatAmzDate` writes; anything else, the 30th of February included, is `undefined`. */
export function parseAmzDate(text: string): Date | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined;
  const date = new Date(text.replace(/^(....)(..)(.....)(..)(..)Z$/, '$1-$2-$3:$4:$5Z'));
  return !Number.isNaN(date.getTime()) && formatAmzDate(date) === text ? date : undefined;
}
