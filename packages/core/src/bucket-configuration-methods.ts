import type { XmlObject } from '@s3kit/xml/light';
import { type BucketConfiguration, bucketConfigurations } from './bucket-configurations.ts';
import type { S3Connection } from './connection.ts';
import { toDocument } from './documents.ts';
import type { RequestHeaders } from './headers.ts';
import type { QueryParameters } from './query.ts';
import { BucketS3Request } from './requests/bucket.ts';
import { readJson, readXml } from './responses.ts';
import { type StorageCall, StorageCalls } from './storage-calls.ts';

/** What the methods that get a configuration take. */
export interface GetOptions {
  readonly params?: QueryParameters;
  readonly signal?: AbortSignal;
}

/** What the methods that set a configuration take. */
export interface SetOptions {
  readonly headers?: RequestHeaders;
  /** The document: text, which is sent as it is, or an object, which is turned into XML (a policy: into JSON). */
  readonly data?: string | object;
  readonly signal?: AbortSignal;
}

/** What the methods that delete a configuration take. */
export interface DeleteOptions {
  readonly signal?: AbortSignal;
}

type Get<T = XmlObject> = (bucket: string, options?: GetOptions) => StorageCall<T>;
type Set = (bucket: string, options: SetOptions) => StorageCall<void>;
type Delete = (bucket: string, options?: DeleteOptions) => StorageCall<void>;

/**
 * The methods of `Storage` for bucket configuration.
 *
 * Those that get resolve to the document as an object, under its root tag; tags that can stand there several times are
 * lists, also for one and for none. What they give can be given to the ones that set. Where nothing is set, S3 refuses
 * with a code such as `NoSuchCORSConfiguration`, or gives an empty document.
 */
export interface BucketConfigurationMethods {
  /** Who may do what: `AccessControlPolicy`. */
  bucketGetAcl: Get;
  /** Sets the ACL, by a document or by headers (`x-amz-acl`, `x-amz-grant-read`, ...). */
  bucketSetAcl: Set;
  /** Which web pages may use the bucket: `CORSConfiguration`. */
  bucketGetCors: Get;
  bucketSetCors: Set;
  bucketDeleteCors: Delete;
  /** What happens to objects in time: `LifecycleConfiguration`. */
  bucketGetLifecycle: Get;
  bucketSetLifecycle: Set;
  bucketDeleteLifecycle: Delete;
  /** The region: `LocationConstraint`, an empty text for us-east-1. */
  bucketGetLocation: Get;
  /** Where accesses are written down: `BucketLoggingStatus`. */
  bucketGetLogging: Get;
  bucketSetLogging: Set;
  /** Who is told of events: `NotificationConfiguration`. */
  bucketGetNotification: Get;
  bucketSetNotification: Set;
  /** The bucket policy, an object from JSON. */
  bucketGetPolicy: Get<unknown>;
  /** Sets the policy, by JSON text or an object. */
  bucketSetPolicy: Set;
  bucketDeletePolicy: Delete;
  /** Who pays for requests: `RequestPaymentConfiguration`. */
  bucketGetRequestPayment: Get;
  bucketSetRequestPayment: Set;
  /** The bucket's tags: `Tagging`. */
  bucketGetTagging: Get;
  bucketSetTagging: Set;
  bucketDeleteTagging: Delete;
  /** Whether versions are kept: `VersioningConfiguration`. */
  bucketGetVersioning: Get;
  /** Sets versioning, by a document and, for MFA delete, the header `x-amz-mfa`. */
  bucketSetVersioning: Set;
  /** One page of the versions of the bucket's objects, by `params`: `ListVersionsResult`. */
  bucketGetVersions: Get;
  /** How the bucket is served as a website: `WebsiteConfiguration`. */
  bucketGetWebsite: Get;
  bucketSetWebsite: Set;
  bucketDeleteWebsite: Delete;
}

function withMethodsOf(
  table: Readonly<Record<string, BucketConfiguration>>,
): new (
  connection: S3Connection,
) => StorageCalls & BucketConfigurationMethods {
  class WithMethods extends StorageCalls {}
  for (const [family, configuration] of Object.entries(table)) {
    for (const verb of configuration.methods) {
      const name = `bucket${capitalized(verb)}${capitalized(family)}`;
      Object.defineProperty(WithMethods.prototype, name, {
        value: methodOf(name, verb, configuration),
        writable: true,
        configurable: true,
      });
    }
  }
  // The table makes one method for each member of the interface; a test holds the one against the other.
  return WithMethods as unknown as new (
    connection: S3Connection,
  ) => StorageCalls & BucketConfigurationMethods;
}

type Method = (this: StorageCalls, bucket: string, options?: GetOptions & SetOptions) => StorageCall<unknown>;

function methodOf(name: string, verb: 'get' | 'set' | 'delete', configuration: BucketConfiguration): Method {
  const { subresource, format, lists } = configuration;
  const shapes = {
    get: format === 'json' ? readJson : (result: Parameters<typeof readXml>[0]) => readXml(result, lists),
    set: () => undefined,
    delete: () => undefined,
  };
  const httpMethods = { get: 'GET', set: 'PUT', delete: 'DELETE' } as const;
  return function (bucket, { params, headers, data = '', signal } = {}) {
    return this.call(
      name,
      (connection) =>
        new BucketS3Request(connection, {
          method: httpMethods[verb],
          bucket,
          subresource,
          params,
          headers,
          data: verb === 'set' ? toDocument(data, configuration) : undefined,
        }),
      shapes[verb],
      { signal },
    );
  };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A class that has the methods of the table, for `Storage` to extend. */
export const BucketConfigurationStorage: new (
  connection: S3Connection,
) => StorageCalls & BucketConfigurationMethods = /* @__PURE__ */ withMethodsOf(bucketConfigurations);
