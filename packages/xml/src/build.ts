import { escapeText } from './characters.ts';
import { isXmlError, XmlError } from './errors.ts';
import { type ListRules, listRules } from './lists.ts';
import { type OpeningTag, openingText, readOpeningTag } from './opening-tag.ts';
import { depthOption, type XmlObject, type XmlValue } from './values.ts';

/** How {@link buildXml} writes an object. */
export interface XmlBuildOptions {
  /**
   * Tags that are lists, as tag names (`'Contents'`) or as pairs (`'Buckets/Bucket'`): an array under such a key is
   * that many tags. An array under any other key is a list of objects with one key each.
   *
   * @default []
   */
  lists?: readonly string[];
  /**
   * Whether the text starts with `<?xml version="1.0" encoding="UTF-8"?>` and a line feed. S3 needs none, and sends
   * one itself.
   *
   * @default false
   */
  declaration?: boolean;
  /**
   * The deepest nesting of elements to write, 1 to 1,000.
   *
   * @default 64
   */
  maximumDepth?: number;
}

/**
 * Writes an object that has one key as an XML text.
 *
 * A key is a tag's opening text (`'a xmlns="foo"'`), its value the content: a string, which is escaped; a finite
 * number, a bigint or a boolean, as its text; `null` or `''` for an empty tag; an object of child tags; or an
 * array (see `lists`). A property that is `undefined` is left out. There is no pretty printing.
 *
 * @throws {XmlError} the object cannot be XML; `path` leads to the fault, as in `Tagging.TagSet.Tag[1].Value`
 * @throws {TypeError} `lists` is wrong
 * @throws {RangeError} `maximumDepth` is not a whole number in its range
 * @see {@link https://www.w3.org/TR/xml/}
 * @example
 * buildXml({ 'a xmlns="foo"': [{ b1: { c1: '1' } }, { b2: { c2: '2' } }] });
 * // <a xmlns="foo"><b1><c1>1</c1></b1><b2><c2>2</c2></b2></a>
 */
export function buildXml(object: XmlObject, options: XmlBuildOptions = {}): string {
  const writer = new Writer(listRules(options.lists), depthOption(options.maximumDepth));
  const declaration = options.declaration ? '<?xml version="1.0" encoding="UTF-8"?>\n' : '';
  return declaration + writer.document(object);
}

class Writer {
  readonly #rules: ListRules;
  readonly #maximumDepth: number;
  /** The objects and arrays that are being written, outermost first. */
  readonly #open: object[] = [];

  constructor(rules: ListRules, maximumDepth: number) {
    this.#rules = rules;
    this.#maximumDepth = maximumDepth;
  }

  document(object: XmlObject): string {
    const [root, ...others] = isPlainObject(object) ? fields(object) : [];
    if (!root || others.length > 0) {
      throw new XmlError('invalid-root', 'an XML document is an object with exactly one key, its root tag');
    }
    return this.#element(root[0], root[1], '', 1);
  }

  #element(key: string, value: XmlValue, path: string, depth: number, index = ''): string {
    const tag = readKey(key, path);
    const here = (path && `${path}.`) + tag.name + index;
    if (depth > this.#maximumDepth) {
      throw new XmlError('too-deep', `tags are nested more than ${this.#maximumDepth} deep (maximumDepth)`, {
        path: here,
      });
    }
    const opening = openingText(tag);
    const content = this.#content(tag.name, value, here, depth);
    return content === '' ? `<${opening}/>` : `<${opening}>${content}</${tag.name}>`;
  }

  #content(parent: string, value: XmlValue, path: string, depth: number): string {
    if (value === null) return '';
    if (typeof value === 'string') return writeText(value, path);
    if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    if (Array.isArray(value)) return this.#within(value, path, () => this.#list(parent, value, path, depth));
    if (isPlainObject(value))
      return this.#within(value, path, () => this.#fields(parent, value, path, depth));
    throw new XmlError('invalid-value', `${describe(value)} has no XML form; give a string instead`, {
      path,
    });
  }

  #fields(parent: string, object: XmlObject, path: string, depth: number): string {
    return fields(object)
      .map(([key, value]) => this.#field(parent, key, value, path, depth))
      .join('');
  }

  /** The documented list: objects with one key each. */
  #list(parent: string, items: readonly XmlValue[], path: string, depth: number): string {
    return items
      .map((item, index) => {
        const here = `${path}[${index}]`;
        const [field, ...others] = isPlainObject(item) ? fields(item) : [];
        if (!field || others.length > 0) {
          throw new XmlError(
            'invalid-value',
            'an item of a list must be an object with exactly one key, its tag',
            {
              path: here,
            },
          );
        }
        return this.#field(parent, field[0], field[1], here, depth);
      })
      .join('');
  }

  #field(parent: string, key: string, value: XmlValue, path: string, depth: number): string {
    if (!Array.isArray(value) || !this.#rules(parent).has(readKey(key, path).name)) {
      return this.#element(key, value, path, depth + 1);
    }
    return this.#within(value, path, () =>
      value.map((item, index) => this.#element(key, item, path, depth + 1, `[${index}]`)).join(''),
    );
  }

  #within(container: object, path: string, write: () => string): string {
    if (this.#open.includes(container)) {
      throw new XmlError('circular', 'an object that contains itself cannot be XML', { path });
    }
    this.#open.push(container);
    const text = write();
    this.#open.pop();
    return text;
  }
}

function readKey(key: string, path: string): OpeningTag {
  const refuse = (): never => {
    throw new XmlError('invalid-key', `${JSON.stringify(key)} is not the opening text of a tag`, { path });
  };
  const text = `<${key}>`;
  const tag = readOpeningTag(text, 0, refuse);
  // Neither `a/` nor `a><b` is one tag's opening text.
  return tag.closed || tag.end !== text.length ? refuse() : tag;
}

function writeText(text: string, path: string): string {
  try {
    return escapeText(text);
  } catch (error) {
    // `escapeText` does not know where the text stands.
    throw isXmlError(error) ? new XmlError(error.code, error.message, { path }) : error;
  }
}

function fields(object: XmlObject): [key: string, value: XmlValue][] {
  return Object.entries(object).filter(([, value]) => value !== undefined);
}

/** Objects of classes (dates, maps, buffers) have no tags to show, so they are refused and not written as empty. */
function isPlainObject(value: unknown): value is XmlObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second test takes objects of another realm, such as a vm context.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Names a value by its kind, never by what it holds. */
function describe(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  return `a ${typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value}`;
}
