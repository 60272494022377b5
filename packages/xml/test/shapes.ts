import type { XmlValue } from '../src/index.ts';
import { findChild, readKey } from './keys.ts';

/** A reference to a shape, with the traits of the place where it is used; botocore's model form. */
export interface ShapeReference {
  shape: string;
  locationName?: string;
  /** Where the value is if not in the body: header, querystring, uri, statusCode. */
  location?: string;
  flattened?: boolean;
  xmlAttribute?: boolean;
  xmlNamespace?: string | { prefix?: string; uri: string };
}

interface Shape {
  type: string;
  members?: Record<string, ShapeReference>;
  member?: ShapeReference;
  payload?: string;
  flattened?: boolean;
  timestampFormat?: string;
  xmlNamespace?: ShapeReference['xmlNamespace'];
}

export type Shapes = Record<string, Shape>;
export type Structure = Record<string, unknown>;

const numeric = ['integer', 'long', 'float', 'double'];

function shapeOf(shapes: Shapes, reference: ShapeReference): Shape {
  const shape = shapes[reference.shape];
  if (!shape) throw new Error(`the case has no shape ${reference.shape}`);
  return shape;
}

function itemOf(shape: Shape): ShapeReference {
  if (!shape.member) throw new Error('the case has a list shape without a member');
  return shape.member;
}

/** The members that are in the body, each with the tag name that it has there. */
function bodyMembers(shape: Shape): [name: string, tag: string, reference: ShapeReference][] {
  return Object.entries(shape.members ?? {})
    .filter(([, reference]) => reference.location === undefined)
    .map(([name, reference]) => [name, reference.locationName ?? name, reference]);
}

/** The `Parent/Child` pairs of all lists in a shape whose tag has this name. */
export function listsIn(shapes: Shapes, reference: ShapeReference, tag: string): string[] {
  const shape = shapeOf(shapes, reference);
  if (shape.type === 'list') {
    const item = itemOf(shape);
    const itemTag = item.locationName ?? 'member';
    return [`${tag}/${itemTag}`, ...listsIn(shapes, item, itemTag)];
  }
  return bodyMembers(shape).flatMap(([, memberTag, member]) =>
    member.flattened
      ? [`${tag}/${memberTag}`, ...listsIn(shapes, itemOf(shapeOf(shapes, member)), memberTag)]
      : listsIn(shapes, member, memberTag),
  );
}

/** The structure that the content of a tag stands for. */
export function readShape(
  shapes: Shapes,
  reference: ShapeReference,
  key: string,
  content: XmlValue,
): unknown {
  const shape = shapeOf(shapes, reference);
  if (shape.type === 'structure') {
    const structure: Structure = {};
    for (const [name, tag, member] of bodyMembers(shape)) {
      const child = member.xmlAttribute
        ? ([tag, readKey(key).attributes[tag]] as const)
        : findChild(content, tag);
      if (child?.[1] === undefined) continue;
      // The protocol has no empty flattened list: it is absent.
      if (member.flattened && Array.isArray(child[1]) && child[1].length === 0) continue;
      structure[name] = member.flattened
        ? readItems(shapes, itemOf(shapeOf(shapes, member)), child[0], child[1])
        : readShape(shapes, member, child[0], child[1]);
    }
    return structure;
  }
  if (shape.type === 'list') {
    const item = itemOf(shape);
    const items = findChild(content, item.locationName ?? 'member');
    if (!items) throw new Error(`${key} holds no list`);
    return readItems(shapes, item, items[0], items[1]);
  }
  if (typeof content !== 'string') throw new Error(`${key} holds no text`);
  if (numeric.includes(shape.type)) return /^-?[0-9.]+$/.test(content) ? Number(content) : content;
  if (shape.type === 'boolean') return content === 'true';
  if (shape.type === 'blob') return Buffer.from(content, 'base64').toString();
  if (shape.type === 'timestamp')
    return /^[0-9]+$/.test(content) ? Number(content) : Date.parse(content) / 1000;
  return content;
}

function readItems(shapes: Shapes, item: ShapeReference, key: string, content: XmlValue): unknown[] {
  if (!Array.isArray(content)) throw new Error(`${key} is no array`);
  return content.map((value) => readShape(shapes, item, key, value));
}

function namespaceOf(namespace: ShapeReference['xmlNamespace']): string {
  if (!namespace) return '';
  const { prefix, uri } = typeof namespace === 'string' ? { uri: namespace } : namespace;
  return ` xmlns${prefix ? `:${prefix}` : ''}="${uri}"`;
}

/** The key and the content that a value has as a tag. */
export function writeShape(
  shapes: Shapes,
  reference: ShapeReference,
  tag: string,
  value: unknown,
): [string, XmlValue] {
  const shape = shapeOf(shapes, reference);
  const key = tag + namespaceOf(reference.xmlNamespace ?? shape.xmlNamespace);
  if (shape.type === 'structure') {
    // The case's parameters fit its shape.
    const structure = value as Structure;
    const members = bodyMembers(shape).filter(([name]) => structure[name] !== undefined);
    const attributes = members
      .filter(([, , member]) => member.xmlAttribute)
      .map(
        ([name, attribute]) =>
          ` ${attribute}="${String(structure[name]).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}"`,
      );
    const children = members
      .filter(([, , member]) => !member.xmlAttribute)
      .map(([name, childTag, member]) =>
        member.flattened
          ? writeItems(shapes, itemOf(shapeOf(shapes, member)), childTag, structure[name])
          : writeShape(shapes, member, childTag, structure[name]),
      );
    return [key + attributes.join(''), Object.fromEntries(children)];
  }
  if (shape.type === 'list') {
    const item = itemOf(shape);
    return [key, Object.fromEntries([writeItems(shapes, item, item.locationName ?? 'member', value)])];
  }
  if (shape.type === 'blob') return [key, Buffer.from(String(value)).toString('base64')];
  if (shape.type === 'timestamp') return [key, writeTimestamp(shape, Number(value))];
  // A string, number or boolean, since the case's parameters fit its shape.
  return [key, value as XmlValue];
}

/** The items of a list: an array under their key. */
function writeItems(shapes: Shapes, item: ShapeReference, tag: string, value: unknown): [string, XmlValue] {
  // The case's parameters fit its shape.
  const items = (value as unknown[]).map((each) => writeShape(shapes, item, tag, each));
  return [items[0]?.[0] ?? tag, items.map(([, content]) => content)];
}

function writeTimestamp(shape: Shape, seconds: number): string {
  const date = new Date(seconds * 1000);
  if (shape.timestampFormat === 'unixTimestamp') return String(seconds);
  if (shape.timestampFormat === 'rfc822') return date.toUTCString();
  return date.toISOString().replace('.000Z', 'Z');
}
