import type { XmlObject, XmlValue } from '@s3kit/xml/light';
import { bucketConfigurations } from './bucket-configurations.ts';
import type { ConfigurationFamily, ConfigurationVerb } from './configuration-family.ts';
import type { BucketConfigurationMethods, ObjectConfigurationMethods } from './configuration-types.ts';
import type { Connection } from './connection.ts';
import { childOf, elementsIn, textIn } from './elements.ts';
import { type RemoteName, resolveName } from './names.ts';
import { objectConfigurations } from './object-configurations.ts';
import { type HeaderOptions, headersOf, paramsOf } from './object-options.ts';
import { type QueryParameters, queryPairs } from './query.ts';
import { ConfigurationS3Request, checkId, readConfiguration } from './requests/configuration.ts';
import { StorageCalls } from './storage-calls.ts';

/** What the methods take, all together. */
interface MethodOptions extends HeaderOptions {
  readonly params?: QueryParameters;
  readonly data?: string | object;
  readonly attributes?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What one method of the table does. */
interface Made {
  readonly name: string;
  readonly verb: ConfigurationVerb;
  readonly family: ConfigurationFamily;
  readonly subject: 'bucket' | 'object';
}

type Method = (this: StorageCalls, subject: RemoteName, ...rest: readonly unknown[]) => unknown;

type ConfigurationMethods = StorageCalls & BucketConfigurationMethods & ObjectConfigurationMethods;

function withMethodsOf(
  tables: Readonly<Record<'bucket' | 'object', Readonly<Record<string, ConfigurationFamily>>>>,
): new (
  connection: Connection,
) => ConfigurationMethods {
  class WithMethods extends StorageCalls {}
  for (const subject of ['bucket', 'object'] as const) {
    for (const [familyName, family] of Object.entries(tables[subject])) {
      for (const verb of family.methods) {
        const name = `${subject}${capitalized(verb)}${capitalized(familyName)}`;
        const made = { name, verb, family, subject };
        const value = verb === 'list' ? listMethod(made) : methodOf(made);
        Object.defineProperty(WithMethods.prototype, name, { value, writable: true, configurable: true });
      }
    }
  }
  // The tables make one method for each member of the interfaces; a test holds the one against the other.
  return WithMethods as unknown as new (
    connection: Connection,
  ) => ConfigurationMethods;
}

function methodOf(made: Made): Method {
  const { name, verb, family } = made;
  return function (subject, ...rest) {
    const [id, given] = family.id === undefined ? [undefined, rest[0]] : rest;
    // What the interfaces say that callers give.
    const options = (given ?? {}) as MethodOptions;
    return this.call(
      name,
      (connection) => {
        if (family.id !== undefined) checkId(id, family);
        return requestOf(connection, made, subject, options, typeof id === 'string' ? id : undefined);
      },
      (result) => (verb === 'get' ? readConfiguration(result, family) : undefined),
      { signal: options.signal },
    );
  };
}

function requestOf(
  connection: Connection,
  { verb, family, subject }: Made,
  name: RemoteName,
  options: MethodOptions,
  id?: string,
): ConfigurationS3Request {
  const { data, attributes } = options;
  return new ConfigurationS3Request(connection, {
    // A bucket's name is a text.
    ...(subject === 'object' ? resolveName(name, connection.defaultBucket) : { bucket: name as string }),
    verb,
    family,
    id,
    data,
    params: paramsOf(options),
    headers:
      family.subresource === 'attributes'
        ? { 'x-amz-object-attributes': (attributes ?? allAttributes).join(','), ...headersOf(options) }
        : headersOf(options),
  });
}

const allAttributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

/** Makes a method that gives one after the other of those that have ids, page by page. */
function listMethod(made: Made): Method {
  const { name, family } = made;
  const { root } = family;
  return async function* (subject, given): AsyncGenerator<XmlObject, void, undefined> {
    const options = (given ?? {}) as MethodOptions;
    let token: string | undefined;
    do {
      const from: QueryParameters = token === undefined ? {} : { 'continuation-token': token };
      const page: XmlValue = await this.call(
        name,
        (connection) => {
          const params = { ...Object.fromEntries(queryPairs(options.params ?? {})), ...from };
          return requestOf(connection, made, subject, { ...options, params });
        },
        ({ response }) => pageIn(response?.body ?? '', family),
        { signal: options.signal },
      );
      if (root === undefined) yield* elementsIn(childOf(page, 'Annotations'), 'AnnotationEntry');
      else for (const element of elementsIn(page, root)) yield { [root]: element };
      const next: string | undefined = textIn(page, 'NextContinuationToken') || undefined;
      if (next !== undefined && next === token)
        throw new Error('S3 says that the list goes on from where it began');
      token = next;
    } while (token !== undefined);
  };
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

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A class that has the methods of the tables, for `Storage` to extend. */
export const ConfigurationStorage: new (connection: Connection) => ConfigurationMethods =
  /* @__PURE__ */ withMethodsOf({
    bucket: bucketConfigurations,
    object: objectConfigurations,
  });
