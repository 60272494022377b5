import { decodeText } from './characters.ts';
import { define } from './content.ts';
import type { ChildLists } from './lists.ts';
import type { XmlObject } from './values.ts';

/** A tag that was read before. */
export interface KnownTag {
  readonly name: string;
  readonly key: string;
  readonly isClosed: boolean;
  readonly lists: ChildLists;
  readonly closing: string;
}

/**
 * Reads an element that is likely to come again: the same tags in the same order, nothing between them, and other texts. It does so by
 * one regular expression, as engines compile those to machine code: a listing's entry in half the time.
 *
 * It takes what is certain, and no more: all else is left to be read tag by tag, and complained of there.
 *
 * @param start - the index behind its opening tag
 * @param reference - where the first reference from there on stands
 * @returns its value, and the index behind its closing tag; undefined where it is not the same
 */
export type RepeatedElement = (
  text: string,
  start: number,
  reference: number,
) => { value: XmlObject; end: number } | undefined;

/** How deep the elements in it may be nested. */
export const deepestRepeated = 8;

/** What stands at one place of an element. */
interface Place {
  readonly key: string;
  /** Those below it; none where it closes itself; undefined where it has a text. */
  readonly places: readonly Place[] | undefined;
  /** The last text that stood here: owners and storage classes repeat. */
  text: string;
}

// V8 copies shorter slices, and makes longer ones views that keep the whole document in memory.
const longestCopiedSlice = 12;

/** A piece of a text that does not keep the rest of it in memory. */
export function copyOf(piece: string): string {
  return piece.length <= longestCopiedSlice ? piece : [piece.charAt(0), piece.slice(1)].join('');
}

/**
 * Learns from an element that has just been read.
 *
 * @param content - what stands in it, its closing tag included
 * @param tags - all tags that were read, by their markup
 * @returns undefined where its children repeat or are lists, where there is text beside them, and where they are nested deep
 */
export function learnElement(
  content: string,
  tag: KnownTag,
  tags: ReadonlyMap<string, KnownTag>,
): RepeatedElement | undefined {
  // Texts and tags by turns.
  const pieces = content.split(/(<[^>]*>)/);
  let at = 0;
  let pattern = '';

  function take(): string {
    const markup = pieces[at + 1] ?? '';
    pattern += markup.replace(/[^\w</>]/g, '\\$&');
    at += 2;
    return markup;
  }

  function placesIn({ closing, lists }: KnownTag, level: number): Place[] | undefined {
    if (level > deepestRepeated) return undefined;
    const found = new Map<string, Place>();
    while (pieces[at] === '') {
      const markup = take();
      if (markup === closing) return [...found.values()];
      const child = tags.get(markup);
      if (child === undefined || found.has(child.name)) return undefined;
      if (lists.has(child.name) || child.lists.always.length > 0) return undefined;
      let places: Place[] | undefined;
      if (child.isClosed) places = [];
      else if (pieces[at + 1] !== child.closing) {
        places = placesIn(child, level + 1);
        if (places === undefined) return undefined;
      } else {
        pattern += '([^<\\r\\]]*)';
        take();
      }
      found.set(child.name, { key: child.key, places, text: '' });
    }
    return undefined;
  }

  const all = tag.lists.always.length > 0 ? undefined : placesIn(tag, 1);
  return all && reader(new RegExp(pattern, 'y'), all);
}

function reader(expression: RegExp, all: readonly Place[]): RepeatedElement {
  return (text, start, reference) => {
    expression.lastIndex = start;
    const found = expression.exec(text);
    if (found === null) return undefined;
    const end = expression.lastIndex;
    let group = 0;

    function textAt(place: Place): string {
      const piece = found?.[++group] ?? '';
      if (reference < end && piece.includes('&')) return decodeText(piece, malformed);
      if (piece !== place.text) place.text = copyOf(piece);
      return place.text;
    }

    function objectOf(places: readonly Place[]): XmlObject {
      const object: XmlObject = {};
      for (const place of places) {
        const below = place.places;
        define(
          object,
          place.key,
          below === undefined ? textAt(place) : below.length > 0 ? objectOf(below) : '',
        );
      }
      return object;
    }

    try {
      return { value: objectOf(all), end };
    } catch {
      // A reference is malformed.
      return undefined;
    }
  };
}

function malformed(): never {
  throw new SyntaxError();
}
