import type { ChildLists } from './lists.ts';
import type { XmlObject, XmlValue } from './values.ts';

const whiteSpaceOnly = /^[ \t\r\n]*$/;

/** The value of an element without child tags: its text, unless it is the parent of lists that are all empty. */
export function textValue(text: string, lists: ChildLists): XmlValue {
  return lists.always.length > 0 && whiteSpaceOnly.test(text) ? new ElementContent(lists).value() : text;
}

/** Gathers the child tags of one element, in document order, into its value by the documented rule. */
export class ElementContent {
  readonly #lists: ChildLists;
  /** What is there of each key: the first child, or all of them where they are a list. */
  readonly #first: XmlObject = {};
  /** Tag names whose key has attributes, which is why `#first` does not tell that they were there. */
  #withAttributes: Set<string> | undefined;
  /** The list of objects with one key each; only there once a tag has repeated. */
  #items: XmlObject[] | undefined;

  constructor(lists: ChildLists) {
    this.#lists = lists;
  }

  add(name: string, key: string, value: XmlValue): void {
    const isListed = this.#lists.has(name);
    const isThere = Object.hasOwn(this.#first, key);
    if (isListed && isThere) {
      // An array it is, since a key has one tag name, and so is always a list or never.
      (this.#first[key] as XmlValue[]).push(value);
      return;
    }
    const content = isListed ? [value] : value;
    if (!isListed && (isThere || this.#has(name))) this.#items ??= Object.entries(this.#first).map(single);
    this.#items?.push(single([key, content]));
    if (key !== name) {
      this.#withAttributes ??= new Set();
      this.#withAttributes.add(name);
    }
    if (!isThere) define(this.#first, key, content);
  }

  value(): XmlObject | XmlObject[] {
    for (const child of this.#lists.always) {
      if (this.#has(child)) continue;
      define(this.#first, child, []);
      this.#items?.push(single([child, []]));
    }
    return this.#items ?? this.#first;
  }

  #has(name: string): boolean {
    return this.#withAttributes?.has(name) || Object.hasOwn(this.#first, name);
  }
}

function single([key, value]: [key: string, value: XmlValue]): XmlObject {
  const object: XmlObject = {};
  define(object, key, value);
  return object;
}

/** Sets an own property as `JSON.parse` does, so that a tag called __proto__ is data like any other. */
export function define(object: XmlObject, key: string, value: XmlValue): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}
