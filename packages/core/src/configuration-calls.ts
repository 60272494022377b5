import type { XmlObject, XmlValue } from '@s3kit/xml/light';
import { bucketConfigurations } from './bucket-configurations.ts';
import type { ConfigurationFamily } from './configuration-family.ts';
import type { Made, MethodOptions } from './configuration-methods.ts';
import type { Connection } from './connection.ts';
import { childOf, elementsIn, textIn } from './elements.ts';
import { objectConfigurations } from './object-configurations.ts';
import { headersOf } from './object-options.ts';
import { paramsOf } from './option-headers.ts';
import { type QueryParameters, queryPairs } from './query.ts';
import { ConfigurationS3Request, checkId, readConfiguration } from './requests/configuration.ts';
import { resolveName } from './resolve-name.ts';
import type { S3Response } from './responses.ts';
import type { RemoteName } from './s3-name.ts';
import type { StorageCalls } from './storage-calls.ts';

/** The family that a method is about. */
function familyOf({ subject, family }: Made): ConfigurationFamily {
  const found = (subject === 'bucket' ? bucketConfigurations : objectConfigurations)[family];
  if (found === undefined) throw new Error(`there is no ${subject} configuration ${family}`);
  return found;
}

/** The request that a method makes with its arguments: a name, an id where there are several, and options. */
export function requestOf(
  connection: Connection,
  made: Made,
  [name, ...rest]: readonly [RemoteName, ...unknown[]],
): ConfigurationS3Request {
  const family = familyOf(made);
  const [id, given] = family.id === undefined ? [undefined, rest[0]] : rest;
  if (family.id !== undefined && made.verb !== 'list') checkId(id, family);
  // What the interfaces say that callers give.
  const options = (given ?? {}) as MethodOptions;
  const { data, attributes } = options;
  return new ConfigurationS3Request(connection, {
    // A bucket's name is a text.
    ...(made.subject === 'object' ? resolveName(name, connection.defaultBucket) : { bucket: name as string }),
    verb: made.verb,
    family,
    id: typeof id === 'string' ? id : undefined,
    data,
    params: paramsOf(options),
    headers:
      family.subresource === 'attributes'
        ? { 'x-amz-object-attributes': (attributes ?? allAttributes).join(','), ...headersOf(options) }
        : headersOf(options),
  });
}

const allAttributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

/** What a method resolves to. */
export function resultOf(made: Made, result: S3Response): unknown {
  return made.verb === 'get' ? readConfiguration(result, familyOf(made)) : undefined;
}

/** Gives one after the other of those that have ids, page by page. */
export async function* listOf(
  storage: StorageCalls,
  made: Made,
  name: RemoteName,
  options: MethodOptions,
): AsyncGenerator<XmlObject, void, undefined> {
  const family = familyOf(made);
  const { root } = family;
  let token: string | undefined;
  do {
    const from: QueryParameters = token === undefined ? {} : { 'continuation-token': token };
    const page: XmlValue = await storage.call(
      made.name,
      (connection) => {
        const params = { ...Object.fromEntries(queryPairs(options.params ?? {})), ...from };
        return requestOf(connection, made, [name, undefined, { ...options, params }]);
      },
      ({ response }) => pageIn(response?.body ?? '', family),
      { signal: options.signal },
    );
    if (root === undefined) yield* elementsIn(childOf(page, 'Annotations'), 'AnnotationEntry');
    else for (const element of elementsIn(page, root)) yield { [root]: element };
    const next: string | undefined = textIn(page, 'NextContinuationToken') || undefined;
    if (next !== undefined && next === token)
      throw new Error('S3 says that the listing goes on from where this page began');
    token = next;
  } while (token !== undefined);
}

/** What stands in the list of those that have ids. */
async function pageIn(
  body: string,
  { root, lists = [], subresource }: ConfigurationFamily,
): Promise<XmlValue> {
  const { parseXml } = await import('./xml.ts');
  const document = parseXml(body, {
    attributes: 'drop-default-namespace',
    lists: root === undefined ? lists : [root, ...lists],
  });
  const [tag = ''] = Object.keys(document);
  const page = document[tag];
  if (!tag.startsWith('List') || tag === 'ListBucketResult' || page === undefined) {
    const code = { code: 'NotImplemented' };
    throw Object.assign(new Error(`the service does not know the subresource ${subresource}`), code);
  }
  return page;
}
