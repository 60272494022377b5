import type { Writable } from 'node:stream';

// Control characters, and those that reverse or hide text: they could drive a terminal, or deceive who reads it.
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text as a terminal may show it. What goes into a file or a pipe stays as it is. */
export function printable(text: string, stream: Writable): string {
  return 'isTTY' in stream && stream.isTTY === true ? escapeUnprintable(text) : text;
}

/** A document as a terminal may show it: what ends its lines, and its tabs, are its own. */
export function printableDocument(text: string, stream: Writable): string {
  return text.replace(/(?:(?!\r?\n|\t).)+/gs, (part) => printable(part, stream));
}

/** A text with what is unprintable written as an escape, such as `\u{1b}`. */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
