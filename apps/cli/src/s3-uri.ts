/** A file or folder of this machine, standard input or output, or something of a service. */
export type Location = LocalLocation | StreamLocation | S3Location;

export interface LocalLocation {
  readonly kind: 'local';
  readonly path: string;
}

interface StreamLocation {
  readonly kind: 'stream';
}

export interface S3Location {
  readonly kind: 's3';
  /** Empty for `s3://`: all buckets. */
  readonly bucket: string;
  /** What stands behind the bucket; with wildcards, up to the first of them. */
  readonly key: string;
  readonly wildcard?: Wildcard;
}

/** `*`, `?` and `**` in a key. */
interface Wildcard {
  /** The key up to the last slash before the first wildcard, with it: what names are told from. */
  readonly folder: string;
  /** What leaves out, as a filter's pattern, what lies beside the names that are meant. */
  readonly pattern: string;
  /** Whether names with slashes can be meant. */
  readonly isDeep: boolean;
  /** Whether a name is meant: a key without the folder. */
  matches(name: string): boolean;
  /** Whether names that lie in a folder below that one can be meant; it ends in a slash. */
  reaches(folder: string): boolean;
}

/** How a text is read. */
interface Reading {
  /** Wildcards are taken as they are. */
  readonly literal?: boolean;
  /** What a wildcard means as a folder stands for all that is below it. */
  readonly recursive?: boolean;
}

const scheme = 's3://';

/** Whether a text names something of a service. */
function isS3Uri(text: string): boolean {
  return text.startsWith(scheme);
}

/**
 * Reads `s3://bucket/key`, a local path, or `-`.
 *
 * In a key, `*` stands for any characters but slashes, `?` for one of these, and `**` for any characters; as a whole part, for any
 * folders, or none. A backslash before `*`, `?` or another backslash takes it as it is, and `literal` takes everything as it is.
 *
 * @throws {SyntaxError} no bucket before the key, or a wildcard in the bucket
 */
export function parseLocation(text: string, { literal = false, recursive = false }: Reading = {}): Location {
  if (text === '-') return { kind: 'stream' };
  if (!isS3Uri(text)) return { kind: 'local', path: text };
  const rest = text.slice(scheme.length);
  const slash = rest.indexOf('/');
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  const key = slash < 0 ? '' : rest.slice(slash + 1);
  if (bucket === '' && key !== '')
    throw new SyntaxError(`${text} has no bucket: what is meant is s3://BUCKET/KEY`);
  if (literal) return { kind: 's3', bucket, key };
  if (/[*?]/.test(bucket))
    throw new SyntaxError(`${text}: * and ? can stand in a key, not in a bucket's name`);
  return { kind: 's3', bucket, ...readKey(key, recursive) };
}

function readKey(key: string, recursive: boolean): { key: string; wildcard?: Wildcard } {
  const tokens = [...key.matchAll(/\\[*?\\]|\*{2,}|[*?]|[^*?\\]+|\\/g)].map(([token]) => token);
  const first = tokens.findIndex(isWildcard);
  if (first < 0) return { key: tokens.map(plain).join('') };
  const before = tokens.slice(0, first).map(plain).join('');
  const folder = before.slice(0, before.lastIndexOf('/') + 1);
  const stem = before.slice(folder.length);
  const behind = tokens.slice(first);
  const hasSlashes = behind.some((token) => token.startsWith('**') || token.includes('/'));
  const source = behind.map((token) => (isWildcard(token) ? wild(token) : escaped(plain(token)))).join('');
  const expression = new RegExp(`^${(escaped(stem) + source).replaceAll(anyFolders, '(?:.*/)?')}$`, 'su');
  const glob = behind.map((token) => (isWildcard(token) ? token : globEscaped(plain(token)))).join('');
  const matches = (name: string): boolean =>
    expression.test(name) || (recursive && liesInMatch(name, expression));
  return {
    key: before,
    wildcard: {
      folder,
      pattern: `${globEscaped(stem)}${hasSlashes ? '*' : glob}`,
      isDeep: hasSlashes || recursive,
      matches,
      reaches: (below) => hasSlashes || matches(below),
    },
  };
}

/** Whether one of the folders that a name lies in, written with its slash or without, matches. */
function liesInMatch(name: string, expression: RegExp): boolean {
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1))
    if (expression.test(name.slice(0, slash)) || expression.test(name.slice(0, slash + 1))) return true;
  return false;
}

// What `**` becomes as a whole part.
const anyFolders = /(?:(?<=^|\/)\.\*\/)+/g;

function wild(token: string): string {
  if (token === '?') return '[^/]';
  return token === '*' ? '[^/]*' : '.*';
}

function isWildcard(token: string): boolean {
  return /^[*?]/.test(token);
}

/** A token without the backslash that took a character as it is. */
function plain(token: string): string {
  return /^\\[*?\\]$/.test(token) ? token.slice(1) : token;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A text as a pattern of filters that means it alone. */
export function globEscaped(text: string): string {
  return text.replace(/[*?[\]{}()!+@\\|]/g, '\\$&');
}

/** `s3://bucket/key` of a bucket and what is in it. */
export function uriOf(bucket: string, key: string = ''): string {
  return bucket === '' ? scheme : `${scheme}${bucket}/${key}`;
}

/** The same as messages of failures have it: a bucket without the slash behind it. */
export function messageUri(bucket: string, key: string): string {
  return key === '' ? `${scheme}${bucket}` : uriOf(bucket, key);
}

/** What a location is told by. */
export function labelOf(location: Location): string {
  if (location.kind === 'stream') return '-';
  return location.kind === 's3' ? uriOf(location.bucket, location.key) : location.path;
}

/** What the keys below a folder begin with, whether or not it is written with its slash. */
export function folderPrefix(key: string): string {
  return key === '' || key.endsWith('/') ? key : `${key}/`;
}

/** The last part of a key; empty for one that ends in a slash. */
export function baseName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
