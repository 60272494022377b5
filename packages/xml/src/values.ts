/**
 * The content of a tag.
 *
 * {@link parseXml} gives strings, objects and arrays only; {@link buildXml} takes the others too: numbers,
 * booleans and bigints as their text, `null` as no content, and leaves out a property that is `undefined`.
 */
export type XmlValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | XmlObject
  | readonly XmlValue[];

/** Tags and their contents: a key is a tag's opening text (`'a xmlns="foo"'`), its value the content. */
export interface XmlObject {
  [openingText: string]: XmlValue;
}

// S3's own documents are nested 7 deep at most.
const defaultMaximumDepth = 64;

// Both directions recurse once per level; this many levels fit into a small stack.
const highestMaximumDepth = 1000;

/** Checks a bound that the caller gave, or fills in its default. */
export function boundOption(
  name: string,
  value: number | undefined,
  fallback: number,
  highest: number,
): number {
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || value < 1 || value > highest) {
    throw new RangeError(`${name} must be a whole number from 1 to ${highest}, not ${value}`);
  }
  return value;
}

/** `maximumDepth` of either direction's options, checked. */
export function depthOption(value: number | undefined): number {
  return boundOption('maximumDepth', value, defaultMaximumDepth, highestMaximumDepth);
}
