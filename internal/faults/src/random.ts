/** A source of numbers from 0 up to 1, like `Math.random`. */
export type Random = () => number;

/**
 * Numbers that are the same each time for the same seed: mulberry32, whose 32 bits of state are plenty for tests.
 *
 * @param seed - a whole number; only its lower 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed made of a seed and a text (FNV-1a), so that each text has numbers of its own. */
export function seedOf(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** A whole number, both ends included. */
export function integerBetween(random: Random, lowest: number, highest: number): number {
  return lowest + Math.floor(random() * (highest - lowest + 1));
}

/** One of several things, each as likely as its weight. */
export function pickWeighted<T>(random: Random, choices: readonly (readonly [item: T, weight: number])[]): T {
  let left = random() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of choices) {
    left -= weight;
    if (left < 0) return item;
  }
  throw new RangeError('choices must hold one with a weight above 0');
}

/** One of several things, all equally likely. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return pickWeighted(
    random,
    items.map((item) => [item, 1]),
  );
}
