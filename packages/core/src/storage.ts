import type { XmlObject } from '@s3kit/xml/light';
import { BucketConfigurationStorage } from './bucket-configuration-methods.ts';
import { type DeletedName, type DeleteManyOptions, deleteMany } from './delete-many.ts';
import { toDocument } from './documents.ts';
import { childOf, elementsIn, textIn } from './elements.ts';
import { S3Facts } from './facts.ts';
import type { Metadata, RequestHeaders } from './headers.ts';
import { firstPage, type ListKeysOptions, listingLists, readPage } from './listing.ts';
import { checkNewBucketName, type RemoteName, resolveName } from './names.ts';
import type { ByteRange } from './open-object.ts';
import type { QueryParameters } from './query.ts';
import { BucketS3Request } from './requests/bucket.ts';
import { type CopyOptions, CopyS3Request } from './requests/copy.ts';
import { DeleteS3Request } from './requests/delete.ts';
import { ExistsS3Request } from './requests/exists.ts';
import { OpenS3Request, type ReadableObject } from './requests/open.ts';
import { type ReadOptions, ReadS3Request } from './requests/read.ts';
import { UpdateMetadataS3Request } from './requests/update-metadata.ts';
import { type PartOptions, WriteS3Request } from './requests/write.ts';
import { isOkOrNotFound, readXml } from './responses.ts';
import type { WriteSource } from './sources.ts';
import type { StorageCall } from './storage-calls.ts';
import { S3Bucket, type S3Key } from './values.ts';

/** What most methods of `Storage` take. */
export interface CallOptions {
  /** Ends the call with the signal's reason; what was begun is cleaned up. */
  readonly signal?: AbortSignal;
}

/** What the methods that write take. */
export interface WriteOptions extends CallOptions {
  /** Any request headers of S3's. Those that begin with `x-amz-meta-` are the object's metadata. */
  readonly headers?: RequestHeaders;
}

/** What `bucketCreate` takes. */
export interface BucketCreateOptions extends CallOptions {
  /** For an ACL or grants. */
  readonly headers?: RequestHeaders;
  /** The `CreateBucketConfiguration`; default: the connection's region as the location constraint. */
  readonly data?: string | object;
}

/** What `bucketGet` takes. */
export interface BucketGetOptions extends CallOptions {
  readonly params?: QueryParameters;
}

/** What the methods take that read an object as it comes. */
export interface ReadStreamOptions extends CallOptions {
  /** Only these of its bytes. @default all */
  readonly range?: ByteRange;
  /** Any request headers of S3's. */
  readonly headers?: RequestHeaders;
  /** Any parameters of S3's, such as `versionId`. */
  readonly params?: QueryParameters;
}

/** What `presign` takes. */
export interface PresignOptions {
  /** The request that the URL makes. @default 'GET' */
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Seconds until the URL expires, 1 to 604,800 (a week). @default 3600 */
  readonly expiresIn?: number;
  /** Headers that have to be sent with the URL. */
  readonly headers?: RequestHeaders;
  /** Parameters that belong to the request, such as `response-content-type`. */
  readonly params?: QueryParameters;
}

/**
 * Objects and buckets of a service.
 *
 * Remote names are keys, in the connection's default bucket, or `S3Name`s. Every method rejects with a `StorageError`
 * where S3 refuses or anything fails, and with a `TypeError` or `RangeError`, before any request, where an argument
 * cannot be right.
 */
export class Storage extends BucketConfigurationStorage {
  /**
   * Creates a bucket.
   *
   * Without `data`, in the connection's region.
   *
   * @throws {TypeError} a name that S3 gives to no new bucket
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html}
   */
  bucketCreate(bucket: string, { headers, data, signal }: BucketCreateOptions = {}): StorageCall<void> {
    return this.call(
      'bucketCreate',
      (connection) => {
        checkNewBucketName(bucket);
        const document = toDocument(data ?? locationIn(connection.region), { format: 'xml', lists: [] });
        return new BucketS3Request(connection, {
          method: 'PUT',
          bucket,
          headers,
          data: document === '' ? undefined : document,
        });
      },
      nothing,
      { signal },
    );
  }

  /** Deletes a bucket, which must be empty. */
  bucketDelete(bucket: string, { signal }: CallOptions = {}): StorageCall<void> {
    return this.call(
      'bucketDelete',
      (connection) => new BucketS3Request(connection, { method: 'DELETE', bucket }),
      nothing,
      { signal },
    );
  }

  /** Whether there is a bucket of that name. One that these keys may not see is an error, not an answer. */
  bucketExists(bucket: string, { signal }: CallOptions = {}): StorageCall<boolean> {
    return this.call(
      'bucketExists',
      (connection) => new BucketS3Request(connection, { method: 'HEAD', bucket }),
      ({ ok }) => ok,
      {
        signal,
        acceptable: isOkOrNotFound,
      },
    );
  }

  /**
   * One page of the bucket's keys, by `params`: the `ListBucketResult`, as S3 sends it.
   *
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html}
   */
  bucketGet(bucket: string, { params, signal }: BucketGetOptions = {}): StorageCall<XmlObject> {
    return this.call(
      'bucketGet',
      (connection) => new BucketS3Request(connection, { method: 'GET', bucket, params }),
      (result) => readXml(result, listingLists),
      { signal },
    );
  }

  /** The buckets of the account, as they are asked for. */
  async *bucketList({ signal }: CallOptions = {}): AsyncGenerator<S3Bucket, void, undefined> {
    let params: Record<string, string> | undefined = {};
    while (params !== undefined) {
      const query: QueryParameters = params;
      const document: XmlObject = await this.call(
        'bucketList',
        (connection) => new BucketS3Request(connection, { method: 'GET', params: query }),
        (result) => readXml(result, listingLists),
        { signal },
      );
      const result = childOf(document, 'ListAllMyBucketsResult');
      for (const bucket of elementsIn(childOf(result, 'Buckets'), 'Bucket')) yield new S3Bucket(bucket);
      const token = textIn(result, 'ContinuationToken') ?? '';
      params = token === '' ? undefined : { 'continuation-token': token };
    }
  }

  /**
   * The keys of a bucket, page by page as they are asked for; with a delimiter, then the common prefixes.
   *
   * No page is kept, and none is asked for after the consumer has stopped. The common prefixes are kept until the last
   * key has come out.
   *
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html}
   */
  async *bucketListKeys(
    bucket: string,
    options: ListKeysOptions & CallOptions = {},
  ): AsyncGenerator<S3Key | string, void, undefined> {
    const commonPrefixes: string[] = [];
    let params: Readonly<Record<string, string>> | undefined = firstPage(options);
    while (params !== undefined) {
      const query: Readonly<Record<string, string>> = params;
      const page = await this.call(
        'bucketListKeys',
        (connection) => new BucketS3Request(connection, { method: 'GET', bucket, params: query }),
        (result) => readPage(readXml(result, listingLists), query),
        { signal: options.signal },
      );
      yield* page.keys;
      commonPrefixes.push(...page.commonPrefixes);
      params = page.next;
    }
    yield* commonPrefixes;
  }

  /**
   * Copies an object within the service, whatever its size.
   *
   * The copy has the metadata of `headers` when these hold any, else the source's. One above 5 GiB is made in parts, and keeps
   * storage class and encryption unless `headers` say otherwise.
   */
  copy(
    remoteSource: RemoteName,
    remoteDestination: RemoteName,
    { headers, signal, ...options }: WriteOptions & CopyOptions = {},
  ): StorageCall<void> {
    return this.call(
      'copy',
      (connection) => {
        const source = resolveName(remoteSource, connection.defaultBucket);
        const destination = resolveName(remoteDestination, connection.defaultBucket);
        return new CopyS3Request(
          connection,
          source.bucket,
          source.key,
          destination.bucket,
          destination.key,
          headers,
          options,
        );
      },
      nothing,
      { signal },
    );
  }

  /** Deletes an object; that there is none is no error. */
  delete(remoteName: RemoteName, { signal }: CallOptions = {}): StorageCall<void> {
    return this.call(
      'delete',
      (connection) => {
        const { bucket, key } = resolveName(remoteName, connection.defaultBucket);
        return new DeleteS3Request(connection, bucket, key);
      },
      nothing,
      { signal },
    );
  }

  /**
   * Deletes objects, 1,000 in a request, several requests at a time; gives what became of each name.
   *
   * The names are taken as they are needed, and may be without end. One that cannot be deleted does not keep the others; keys
   * that no XML document can carry are deleted one by one.
   *
   * @throws {TypeError} a malformed name; what is under way is then still carried out
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}
   * @example
   * for await (const { name, error } of storage.deleteMany(['a', 'b'])) if (error) console.error(name.key, error.message);
   */
  deleteMany(
    names: Iterable<RemoteName> | AsyncIterable<RemoteName>,
    options: DeleteManyOptions = {},
  ): AsyncGenerator<DeletedName, void, undefined> {
    return deleteMany(this.connection, names, options);
  }

  /** Whether an object is there, and its metadata: `[true, metadata]` or `[false, {}]`. */
  exists(remoteName: RemoteName, { signal }: CallOptions = {}): StorageCall<readonly [boolean, Metadata]> {
    return this.call(
      'exists',
      (connection) => {
        const { bucket, key } = resolveName(remoteName, connection.defaultBucket);
        return new ExistsS3Request(connection, bucket, key);
      },
      ({ ok, metadata }) => [ok, metadata] as const,
      { signal, acceptable: isOkOrNotFound },
    );
  }

  /**
   * A URL that lets whoever has it read an object, or make another request about it, without keys, until it expires.
   *
   * @throws {RangeError} `expiresIn` is out of range
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html}
   */
  async presign(remoteName: RemoteName, options: PresignOptions = {}): Promise<string> {
    const { method = 'GET', expiresIn = 3600, headers, params } = options;
    const name = resolveName(remoteName, this.connection.defaultBucket);
    return this.connection.presign({ ...name, method, query: params, headers }, expiresIn);
  }

  /**
   * Reads an object into a local file, and resolves to its metadata. A large object comes in ranges, several at a time.
   *
   * The file takes its place only when it is whole and is what S3 stores; until then, and after a failure, the old one is as it
   * was.
   */
  read(
    remoteName: RemoteName,
    localName: string,
    options: CallOptions & ReadOptions = {},
  ): StorageCall<Metadata> {
    const { signal, ...reading } = options;
    return this.call(
      'read',
      (connection) => {
        const { bucket, key } = resolveName(remoteName, connection.defaultBucket);
        return new ReadS3Request(connection, bucket, key, localName, reading);
      },
      ({ metadata }) => metadata,
      { signal },
    );
  }

  /**
   * Asks for an object, and resolves when its bytes begin to come: to be read from `body`, as they come.
   *
   * @example
   * const { body } = await storage.readStream('large.csv');
   * for await (const chunk of body) process.stdout.write(chunk);
   */
  readStream(remoteName: RemoteName, options: ReadStreamOptions = {}): StorageCall<ReadableObject> {
    return this.#open('readStream', remoteName, options, (object) => object);
  }

  /** Reads an object, or a range of its bytes, into memory. */
  readBytes(remoteName: RemoteName, options: ReadStreamOptions = {}): StorageCall<Uint8Array> {
    return this.#open('readBytes', remoteName, options, bytesIn);
  }

  /** Reads an object as text in UTF-8. */
  readText(remoteName: RemoteName, options: ReadStreamOptions = {}): StorageCall<string> {
    return this.#open('readText', remoteName, options, async (object) =>
      new TextDecoder().decode(await bytesIn(object)),
    );
  }

  /** Reads an object as JSON. */
  readJson(remoteName: RemoteName, options: ReadStreamOptions = {}): StorageCall<unknown> {
    return this.#open(
      'readJson',
      remoteName,
      options,
      async (object) => JSON.parse(new TextDecoder().decode(await bytesIn(object))) as unknown,
    );
  }

  #open<T>(
    operation: string,
    remoteName: RemoteName,
    { signal, ...options }: ReadStreamOptions,
    shape: (object: ReadableObject) => T | Promise<T>,
  ): StorageCall<T> {
    return this.call(
      operation,
      (connection) => {
        const { bucket, key } = resolveName(remoteName, connection.defaultBucket);
        return new OpenS3Request(connection, bucket, key, options);
      },
      ({ object }) => {
        if (object === undefined) throw new Error('S3 sent no object');
        return shape(object);
      },
      { signal },
    );
  }

  /** Replaces an object's metadata with that in `headers`; all else stays as it is, unless `headers` say otherwise. */
  updateMetadata(
    remoteName: RemoteName,
    headers: RequestHeaders,
    { signal }: CallOptions = {},
  ): StorageCall<void> {
    return this.call(
      'updateMetadata',
      (connection) => {
        const { bucket, key } = resolveName(remoteName, connection.defaultBucket);
        return new UpdateMetadataS3Request(connection, bucket, key, headers);
      },
      nothing,
      { signal },
    );
  }

  /**
   * Writes a local file as an object: its path, or bytes, text, a Blob or a stream in its place. In parts where it is large.
   * After a failure, no part is left behind.
   */
  write(
    source: WriteSource,
    remoteName: RemoteName,
    options: WriteOptions & PartOptions = {},
  ): StorageCall<void> {
    const { headers, signal, ...parts } = options;
    return this.call(
      'write',
      (connection) => {
        const { bucket, key } = resolveName(remoteName, connection.defaultBucket);
        return new WriteS3Request(connection, source, bucket, key, headers, parts);
      },
      nothing,
      { signal },
    );
  }
}

async function bytesIn({ body }: ReadableObject): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function nothing(): void {}

/** The document that makes a bucket in a region. S3 forbids one that names us-east-1; 'auto' is a region to sign for, not a place. */
function locationIn(region: string): string | object {
  return region === S3Facts.defaultRegion || region === 'auto'
    ? ''
    : { CreateBucketConfiguration: { LocationConstraint: region } };
}
