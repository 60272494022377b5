/** A field of an upload form that S3 knows, or metadata. */
export type PostField =
  | 'acl'
  | 'bucket'
  | 'Cache-Control'
  | 'Content-Disposition'
  | 'Content-Encoding'
  | 'Content-Type'
  | 'Expires'
  | 'key'
  | 'redirect'
  | 'success_action_redirect'
  | 'success_action_status'
  | 'tagging'
  | `x-amz-${string}`;

/**
 * A condition of a POST policy, as its JSON holds it: a field equals a value, begins with one (an empty one: any
 * value will do), or the file's size lies in a range.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html}
 */
export type PostCondition =
  | readonly ['eq', `$${string}`, string]
  | readonly ['starts-with', `$${string}`, string]
  | readonly ['content-length-range', number, number]
  | Readonly<Record<string, string>>;

/** What stands for the name of the user's file in a key. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: S3 writes it like this
export const FILE_NAME = '${filename}';

/** The field has exactly this value. */
export function fieldEquals(field: PostField, value: string): PostCondition {
  return ['eq', `$${field}`, value];
}

/** The field's value begins with `prefix`; an empty one lets any value pass. */
export function fieldStartsWith(field: PostField, prefix: string): PostCondition {
  return ['starts-with', `$${field}`, prefix];
}

/** The file has from `minimum` to `maximum` bytes. */
export function contentLengthRange(minimum: number, maximum: number): PostCondition {
  return ['content-length-range', minimum, maximum];
}

/** Conditions in the one form that is easy to work with. */
export type ReadCondition =
  | { kind: 'eq' | 'starts-with'; field: string; value: string }
  | { kind: 'content-length-range'; minimum: number; maximum: number };

/**
 * Reads a condition in any of the forms that S3 takes; operators and names of fields in any case.
 *
 * @returns undefined for what is no condition
 */
export function readCondition(condition: unknown): ReadCondition[] | undefined {
  if (Array.isArray(condition)) {
    const [operator, first, second, ...more]: unknown[] = condition;
    const kind = String(operator).toLowerCase();
    if (more.length > 0) return undefined;
    if (kind === 'content-length-range') {
      const [minimum, maximum] = [sizeOf(first), sizeOf(second)];
      return minimum === undefined || maximum === undefined || minimum > maximum
        ? undefined
        : [{ kind, minimum, maximum }];
    }
    if (kind !== 'eq' && kind !== 'starts-with') return undefined;
    if (typeof first !== 'string' || !/^\$./.test(first) || typeof second !== 'string') return undefined;
    return [{ kind, field: first.slice(1).toLowerCase(), value: second }];
  }
  if (typeof condition !== 'object' || condition === null) return undefined;
  const entries = Object.entries(condition);
  if (entries.length === 0 || !entries.every(([, value]) => typeof value === 'string')) return undefined;
  return entries.map(([name, value]) => ({ kind: 'eq', field: name.toLowerCase(), value: String(value) }));
}

/** Bytes; some libraries write them as text. */
function sizeOf(value: unknown): number | undefined {
  const size = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

/** Whether a field's value meets a condition on it. */
export function meets(condition: ReadCondition, value: string): boolean {
  if (condition.kind === 'content-length-range') return true;
  if (condition.kind === 'eq') return value === condition.value;
  // S3 takes a content type with commas for a list, each item of which has to pass.
  const items = condition.field === 'content-type' ? value.split(/\s*,\s*/) : [value];
  return items.every((item) => item.startsWith(condition.value));
}
