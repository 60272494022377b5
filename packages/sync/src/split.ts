/**
 * Guesses keys that lie about so many pages ahead of a page, twice as many, and so on: by how far the page itself reaches.
 *
 * Only a guess: a listing is complete wherever it is cut. It is a good one where keys count up, or are spread evenly, as numbers, dates and
 * hashes are.
 *
 * @param keys - the keys of the page, in order
 * @param pages - how many pages lie between two of the guesses
 * @param count - how many guesses are wanted
 * @returns in order, each behind the page's last key; perhaps fewer than asked for
 */
export function keysAhead(keys: readonly string[], pages: number, count: number): readonly string[] {
  const first = keys[0] ?? '';
  const last = keys.at(-1) ?? '';
  const start = commonLength(first, last);
  const end = Math.min(last.length, start + maximumDigits);
  // A few keys show as well as all of them what a key looks like.
  const some = keys.filter((_, index) => index % sampledEvery === 0 || index === keys.length - 1);
  const alphabets: string[] = [];
  for (let position = 0; position < end; position++)
    alphabets.push(alphabetAt(some, position, position >= start));
  const width = numberOf(last, alphabets) - numberOf(first, alphabets);
  if (width <= 0n) return [];
  const guesses: string[] = [];
  for (let step = 1; step <= count; step++) {
    const guess = textOf(numberOf(last, alphabets) + width * BigInt(pages * step), alphabets);
    if (guess === undefined) break;
    guesses.push(guess);
  }
  return guesses;
}

// What is further behind makes no difference to a guess.
const maximumDigits = 12;
const sampledEvery = 16;

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

const classes = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** The characters that keys may have at a position: those seen there, and their likes. */
function alphabetAt(keys: readonly string[], position: number, varies: boolean): string {
  const seen = new Set<string>();
  for (const key of varies ? keys : keys.slice(0, 1)) {
    const character = key[position];
    // Half a character can stand in no key.
    if (character === undefined || seen.has(character) || /[\ud800-\udfff]/.test(character)) continue;
    const likes = classes.find((one) => one.includes(character)) ?? character;
    // Hexadecimal digits are no words.
    for (const like of likes) seen.add(like);
  }
  if (!keys.some((key) => /[g-z]/.test(key[position] ?? '')))
    for (const letter of 'ghijklmnopqrstuvwxyz') seen.delete(letter);
  return [...seen].sort((one, other) => one.charCodeAt(0) - other.charCodeAt(0)).join('');
}

/** A key as a number whose digits are of the positions' alphabets. */
function numberOf(key: string, alphabets: readonly string[]): bigint {
  let value = 0n;
  alphabets.forEach((alphabet, position) => {
    const digit = alphabet.indexOf(key[position] ?? '');
    value = value * BigInt(Math.max(1, alphabet.length)) + BigInt(Math.max(0, digit));
  });
  return value;
}

/** The key of a number; undefined where the number is larger than any. */
function textOf(value: bigint, alphabets: readonly string[]): string | undefined {
  let left = value;
  let text = '';
  for (const alphabet of alphabets.toReversed()) {
    const base = BigInt(Math.max(1, alphabet.length));
    text = (alphabet[Number(left % base)] ?? '') + text;
    left /= base;
  }
  return left === 0n ? text : undefined;
}
