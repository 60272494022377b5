import type { ConfigurationVerb } from './configuration-family.ts';
import type { BucketConfigurationMethods, ObjectConfigurationMethods } from './configuration-types.ts';
import { bucketVerbs, objectVerbs } from './configuration-verbs.ts';
import type { Connection } from './connection.ts';
import type { HeaderOptions } from './option-types.ts';
import type { QueryParameters } from './query.ts';
import type { RemoteName } from './s3-name.ts';
import { StorageCalls } from './storage-calls.ts';

/** What the methods take, all together. */
export interface MethodOptions extends HeaderOptions {
  readonly params?: QueryParameters;
  readonly data?: string | object;
  readonly attributes?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What one method of the table does. */
export interface Made {
  readonly name: string;
  readonly verb: ConfigurationVerb;
  readonly family: string;
  readonly subject: 'bucket' | 'object';
}

type Method = (this: StorageCalls, ...given: readonly [RemoteName, ...unknown[]]) => unknown;

type ConfigurationMethods = StorageCalls & BucketConfigurationMethods & ObjectConfigurationMethods;

function withMethodsOf(
  tables: Readonly<Record<'bucket' | 'object', Readonly<Record<string, readonly ConfigurationVerb[]>>>>,
): new (
  connection: Connection,
) => ConfigurationMethods {
  class WithMethods extends StorageCalls {}
  for (const subject of ['bucket', 'object'] as const) {
    for (const [family, verbs] of Object.entries(tables[subject])) {
      for (const verb of verbs) {
        const name = `${subject}${capitalized(verb)}${capitalized(family)}`;
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

/** Makes a method. What it does is loaded when it is called: nobody needs all families, and most need none. */
function methodOf(made: Made): Method {
  return function (...given) {
    const options = given.at(-1) as MethodOptions | undefined;
    return this.call(
      made.name,
      async (connection) => (await import('./configuration-calls.ts')).requestOf(connection, made, given),
      async (result) => (await import('./configuration-calls.ts')).resultOf(made, result),
      { signal: Object(options).signal },
    );
  };
}

/** Makes a method that gives one after the other of those that have ids, page by page. */
function listMethod(made: Made): Method {
  return async function* (name, given) {
    const { listOf } = await import('./configuration-calls.ts');
    yield* listOf(this, made, name, (given ?? {}) as MethodOptions);
  };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A class that has the methods of the tables, for `Storage` to extend. */
export const ConfigurationStorage: new (connection: Connection) => ConfigurationMethods =
  /* @__PURE__ */ withMethodsOf({
    bucket: bucketVerbs,
    object: objectVerbs,
  });
