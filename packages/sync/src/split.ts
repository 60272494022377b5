/** How far a page of a listing has led, with the gaps where no keys are. */
export interface Step {
  readonly from: string;
  readonly to: string;
  /** Keys that lie between the two. */
  readonly keys: number;
}

/**
 * Guesses keys that lie so many keys ahead of a page, twice as many, and so on: by how far the last pages have led.
 *
 * Only a guess: a listing is complete wherever it is cut. It is a good one where keys count up, or are spread evenly, as numbers, dates and
 * hashes are, also in folders that are alike.
 *
 * @param page - the keys of the page, in order
 * @param steps - the last pages
 * @param distance - how many keys lie between two of the guesses
 * @param count - how many guesses are wanted
 * @returns in order, each behind the page's last key; perhaps fewer than asked for
 */
export function keysAhead(
  page: readonly string[],
  steps: readonly Step[],
  distance: number,
  count: number,
): readonly string[] {
  const last = page.at(-1) ?? '';
  // A few keys show as well as all of them what a key looks like.
  const some = [
    ...page.filter((_, index) => index % sampledEvery === 0),
    ...steps.flatMap(({ from, to }) => [from, to]),
    last,
  ];
  const alphabets = alphabetsOf(last, some);
  const { width, keys } = paceOf(steps, alphabets);
  if (width <= 0n || keys === 0) return [];
  const guesses: string[] = [];
  for (let step = 1; step <= count; step++) {
    const ahead = (width * BigInt(distance * step)) / BigInt(keys);
    const guess = textOf(numberOf(last, alphabets) + ahead, alphabets);
    if (guess === undefined) break;
    guesses.push(guess);
  }
  return guesses;
}

/** How far so many keys lead. The widest of the steps is left out: it may have led from one kind of keys to another. */
function paceOf(steps: readonly Step[], alphabets: readonly string[]): { width: bigint; keys: number } {
  const widths = steps.map(({ from, to, keys }) => ({
    width: numberOf(to, alphabets) - numberOf(from, alphabets),
    keys,
  }));
  widths.sort((one, other) => (one.width < other.width ? -1 : 1));
  const counted = widths.length > 2 ? widths.slice(0, -1) : widths;
  return {
    width: counted.reduce((sum, { width }) => sum + width, 0n),
    keys: counted.reduce((sum, { keys }) => sum + keys, 0),
  };
}

// What is further behind makes no difference to a guess.
const maximumDigits = 40;
const sampledEvery = 16;

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** The characters that keys like some others may have, position by position, as far as the last of them reaches. */
function alphabetsOf(last: string, keys: readonly string[]): readonly string[] {
  const common = Math.min(
    ...keys.map((key) => commonLength(key, last)).filter((length) => length < last.length),
  );
  const end = Math.min(last.length, common + maximumDigits);
  const alphabets: string[] = [];
  let isBehindNumber = false;
  for (let position = 0; position < end; position++) {
    const character = last[position] ?? '';
    // Folders that count up have the same word in them: `7/img9` goes on with `8/img0`, and not with `8/aaa0`.
    const isWord =
      isBehindNumber &&
      /[a-z]/i.test(character) &&
      !isDigit(last[position - 1] ?? '') &&
      keys.every((key) => key[position] === character);
    alphabets.push(isWord ? character : alphabetAt(keys, position, position >= common));
    isBehindNumber ||= isDigit(character);
  }
  return alphabets;
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

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}
