/**
 * Compares names as S3 sorts keys: by their bytes in UTF-8.
 *
 * JavaScript compares UTF-16 units, which differs where a character beyond U+FFFF (two units from D800 on) meets one from U+E000 to
 * U+FFFF.
 *
 * @returns negative where `one` comes first, positive where `other` does, 0 where they are equal
 */
export function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  if (!beyond.test(one)) return one < other ? -1 : 1;
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const a = one.charCodeAt(index);
    const b = other.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return one.length - other.length;
}

// Where two of these meet, their order may be another; a name that has none can be compared as engines do it, many units at a time.
const beyond = /[\ud800-\uffff]/;

/** Puts surrogates behind all other units, where their characters belong. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * Remembers, of names in order, those that later ones can begin with: no more than a name is long.
 *
 * In order, everything that begins with a name comes behind it without a gap; so a name is forgotten with the first that does
 * not begin with it.
 */
export class NamesBefore {
  readonly #names: string[] = [];

  add(name: string): void {
    this.#forget(name);
    this.#names.push(name);
  }

  /** The remembered name that is a folder of this one, or this one itself. */
  holding(name: string): string | undefined {
    this.#forget(name);
    return this.#names.find((before) => isWithin(name, before));
  }

  #forget(name: string): void {
    for (
      let last = this.#names.at(-1);
      last !== undefined && !name.startsWith(last);
      last = this.#names.at(-1)
    )
      this.#names.pop();
  }
}

/** Whether a name is another one, or lies below it; the empty name is the folder of all. */
function isWithin(name: string, folder: string): boolean {
  return (
    folder === '' ||
    (name.startsWith(folder) && (name.length === folder.length || name.charCodeAt(folder.length) === 47))
  );
}
