import { s3Error } from './errors.ts';
import { decode } from './request-target.ts';
import { document, listOf, objectOf, readDocument, s3Namespace, textOf } from './xml-documents.ts';

/**
 * Tags as the header `x-amz-tagging` carries them: a query string.
 *
 * @throws {S3Error} `InvalidTag`, `InvalidArgument`
 */
export function tagsFromHeader(value: string | undefined): Record<string, string> {
  if (value === undefined || value === '') return {};
  const pairs = value.split('&').map((pair): [string, string] => {
    const [name = '', ...rest] = pair.replaceAll('+', ' ').split('=');
    return [decode(name), decode(rest.join('='))];
  });
  return checkedTags(pairs, 10);
}

/**
 * Tags of a Tagging document.
 *
 * @param maximum - how many tags; S3 allows 10 on an object and 50 on a bucket
 * @throws {S3Error} `MalformedXML`, `InvalidTag`
 */
export function tagsFromDocument(text: string, maximum: number): Record<string, string> {
  const root = readDocument(text, 'Tagging', ['TagSet/Tag']);
  if (root['TagSet'] === undefined) throw s3Error('MalformedXML');
  const pairs = listOf(objectOf(root['TagSet'])['Tag']).map((tag): [string, string] => {
    const { Key, Value } = objectOf(tag);
    const key = textOf(Key);
    const value = textOf(Value);
    if (key === undefined || value === undefined) throw s3Error('MalformedXML');
    return [key, value];
  });
  return checkedTags(pairs, maximum);
}

/** The Tagging document of an object. */
export function tagDocument(tags: Record<string, string>): string {
  const Tag = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return document({ [`Tagging ${s3Namespace}`]: { TagSet: { Tag } } });
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html} */
function checkedTags(pairs: readonly [string, string][], maximum: number): Record<string, string> {
  if (pairs.length > maximum) {
    throw s3Error('BadRequest', {
      message: `${maximum === 10 ? 'Object' : 'Bucket'} tags cannot be greater than ${maximum}`,
    });
  }
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length < pairs.length) {
    throw s3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' });
  }
  for (const [key, value] of pairs) {
    const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
    if (key.length < 1 || key.length > 128 || !allowed.test(key) || key.startsWith('aws:')) {
      throw s3Error('InvalidTag', { message: 'The TagKey you have provided is invalid' });
    }
    if (value.length > 256 || !allowed.test(value)) {
      throw s3Error('InvalidTag', { message: 'The TagValue you have provided is invalid' });
    }
  }
  return tags;
}
