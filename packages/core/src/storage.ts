import type { XmlObject } from '@s3kit/xml/light';
import { type Bytes, gathered } from './bytes.ts';
import { ConfigurationStorage } from './configuration-methods.ts';
import type { S3Call } from './connection.ts';
import type { DeletedName, DeleteManyOptions, NameToDelete } from './delete-many.ts';
import { invalidArgument } from './errors.ts';
import type { Metadata, RequestHeaders } from './headers.ts';
import { bytesBody, type HttpResponse } from './http.ts';
import type { BucketListOptions, ListKeysOptions } from './listing.ts';
import { headOf, type ObjectHead } from './object-head.ts';
import type { ByteRange, OpenOptions } from './open-object.ts';
import { headersFor, paramsOf } from './option-headers.ts';
import type {
  CopySourceOptions,
  ObjectDeleteOptions,
  ObjectReadOptions,
  ObjectWriteOptions,
  RequestOptions,
} from './option-types.ts';
import { Paged } from './paged.ts';
import type { PageRequest } from './paged-listings.ts';
import type { PresignedPost, PresignPostOptions } from './post-form.ts';
import { type QueryParameters, queryPairs } from './query.ts';
import { BucketS3Request } from './requests/bucket.ts';
import { type CopyOptions, CopyS3Request } from './requests/copy.ts';
import { DeleteS3Request } from './requests/delete.ts';
import { ExistsS3Request } from './requests/exists.ts';
import { OpenS3Request, type ReadableObject } from './requests/open.ts';
import { RawS3Request } from './requests/raw.ts';
import type { ReadOptions } from './requests/read.ts';
import { UpdateMetadataS3Request } from './requests/update-metadata.ts';
import { type PartOptions, WriteS3Request } from './requests/write.ts';
import { isOkOrNotFound, readXml } from './responses.ts';
import { nameOf, type RemoteName, S3Name } from './s3-name.ts';
import type { SelectOptions } from './select.ts';
import type { WriteSource } from './sources.ts';
import type { StorageCall } from './storage-calls.ts';
import type { S3Bucket, S3Key, S3Upload, S3UploadedPart, S3Version } from './values.ts';

/** What most methods of `Storage` take. */
export interface CallOptions {
  /** Ends the call with the signal's reason; what was begun is cleaned up. */
  readonly signal?: AbortSignal | undefined;
}

/** What the methods that write take. */
export interface WriteOptions extends CallOptions, ObjectWriteOptions {}

/** Listings of no common prefixes, which parameters could ask for too. */
interface UndividedOptions extends ListKeysOptions {
  readonly delimiter?: undefined;
  readonly params?: undefined;
}

/** What `bucketCreate` takes. */
export interface BucketCreateOptions extends CallOptions {
  /** For an ACL or grants. */
  readonly headers?: RequestHeaders | undefined;
  /**
   * The `CreateBucketConfiguration`.
   *
   * @default the connection's region as the location constraint; for a directory bucket the Availability Zone that its name names
   */
  readonly data?: string | object | undefined;
}

/** What `bucketGet` takes. */
export interface BucketGetOptions extends CallOptions {
  readonly params?: QueryParameters | undefined;
}

/** What the methods take that read an object as it comes. */
export interface ReadStreamOptions extends CallOptions, ObjectReadOptions {
  /** Only these of its bytes. @default all */
  readonly range?: ByteRange | undefined;
  /**
   * Takes an object that has a Content-Encoding (`gzip`) also where the runtime undoes it unasked, as every `fetch` does: then
   * neither its length nor its checksum can be checked.
   *
   * @default false: such an object is an error there
   */
  readonly acceptDecoded?: boolean | undefined;
}

/** What of a bucket's versions, or of its unfinished uploads, is to be listed. */
export interface ListingOptions extends CallOptions, RequestOptions {
  /** Only keys that begin with this. */
  readonly prefix?: string | undefined;
  /** Keys that share what stands up to the first of these after the prefix come out as one common prefix. */
  readonly delimiter?: string | undefined;
  /** Begins after this key. */
  readonly keyMarker?: string | undefined;
  /** Further parameters of S3's, such as `max-keys`; they win over the options. */
  readonly params?: QueryParameters | undefined;
}

/** What `bucketListVersions` takes. */
export interface ListVersionsOptions extends ListingOptions {
  /** Begins after this version of `keyMarker`. */
  readonly versionIdMarker?: string | undefined;
}

/** What `bucketListUploads` takes. */
export interface ListUploadsOptions extends ListingOptions {
  /** Begins after this upload of `keyMarker`. */
  readonly uploadIdMarker?: string | undefined;
}

/** What `abortUploads` takes. */
export interface AbortUploadsOptions extends CallOptions, RequestOptions {
  /** Only uploads that were begun before. Who aborts one that is still under way makes it fail. */
  readonly olderThan: Date;
  /** Only uploads of keys that begin with this. */
  readonly prefix?: string | undefined;
}

/** What `uploadListParts` and `uploadAbort` take. */
export interface UploadOptions extends CallOptions, RequestOptions {
  readonly params?: QueryParameters | undefined;
}

/** What `objectRestore` takes. */
export interface RestoreOptions extends CallOptions, RequestOptions {
  /** For how many days the copy can be read. */
  readonly days?: number | undefined;
  /** How soon. @default Standard */
  readonly tier?: 'Expedited' | 'Standard' | 'Bulk' | undefined;
  /** The whole `RestoreRequest`, in place of the two. */
  readonly data?: string | object | undefined;
  /** @default the latest */
  readonly versionId?: string | undefined;
}

/** What `objectRename` takes. */
export interface RenameOptions extends CallOptions, RequestOptions {
  /** Only over an object that has this ETag. */
  readonly ifMatch?: string | undefined;
  /** `*`: only where there is no object of that name. */
  readonly ifNoneMatch?: string | undefined;
}

/** What is asked by `request`. */
export interface RawRequest extends CallOptions {
  /** @default 'GET' */
  readonly method?: S3Call['method'] | undefined;
  /** With neither bucket nor key, the service itself is asked; a key without a bucket is in the default bucket. */
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly params?: QueryParameters | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly data?: string | Uint8Array | undefined;
  /** True where S3 can answer 200 and put an error into the body, as for CopyObject. */
  readonly errorInside200?: boolean | undefined;
}

/** What `presign` takes. */
export interface PresignOptions {
  /** The request that the URL makes. @default 'GET' */
  readonly method?: S3Call['method'] | undefined;
  /** Seconds until the URL expires, 1 to 604,800 (a week). @default 3600 */
  readonly expiresIn?: number | undefined;
  /** Headers that have to be sent with the URL; a `content-length` limits an upload to just so many bytes. */
  readonly headers?: RequestHeaders | undefined;
  /** Parameters that belong to the request, such as `response-content-type`. */
  readonly params?: QueryParameters | undefined;
}

/**
 * Objects and buckets of a service.
 *
 * Remote names are keys, in the connection's default bucket, or `S3Name`s. Every method rejects with a `StorageError`
 * where S3 refuses or anything fails, and with a `TypeError` or `RangeError`, before any request, where an argument
 * cannot be right.
 */
export class Storage extends ConfigurationStorage {
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
      async (connection) => {
        const { checkNewBucketName, newBucketDocument } = await import('./new-bucket.ts');
        checkNewBucketName(bucket);
        const { toDocument } = await import('./documents.ts');
        const content = data ?? newBucketDocument(bucket, connection.region);
        const document = toDocument(content, { format: 'xml', lists: [] });
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
      async (result) => readXml(result, (await import('./listing.ts')).listingLists),
      { signal },
    );
  }

  /**
   * The buckets of the account, as they are asked for.
   *
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html}
   */
  bucketList(options: BucketListOptions & CallOptions = {}): Paged<S3Bucket> {
    return new Paged(async () => (await import('./listing.ts')).listBuckets(this, options));
  }

  /**
   * The keys of a bucket, page by page as they are asked for; with a delimiter, then the common prefixes.
   *
   * No page is kept, and none is asked for after the consumer has stopped. The common prefixes are kept until the last
   * key has come out.
   *
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html}
   */
  bucketListKeys(bucket: string, options?: UndividedOptions & CallOptions): Paged<S3Key>;
  bucketListKeys(bucket: string, options?: ListKeysOptions & CallOptions): Paged<S3Key | string>;
  bucketListKeys(bucket: string, options: ListKeysOptions & CallOptions = {}): Paged<S3Key | string> {
    return new Paged(async () => (await import('./listing.ts')).listKeys(this, bucket, options));
  }

  /**
   * The versions of a bucket's objects, and the markers of deletions, newest first of each key; with a delimiter, the common
   * prefixes of each page behind them.
   */
  bucketListVersions(bucket: string, options: ListVersionsOptions = {}): Paged<S3Version | string> {
    const query = { versions: '', 'version-id-marker': options.versionIdMarker };
    return new Paged(async () => {
      const { pagesOf, versionListing } = await import('./paged-listings.ts');
      return pagesOf(this, versionListing, await pageRequest('bucketListVersions', bucket, query, options));
    });
  }

  /** The multipart uploads of a bucket that were neither completed nor aborted; S3 bills their parts. */
  bucketListUploads(bucket: string, options: ListUploadsOptions = {}): Paged<S3Upload | string> {
    const query = { uploads: '', 'upload-id-marker': options.uploadIdMarker };
    return new Paged(async () => {
      const { pagesOf, uploadListing } = await import('./paged-listings.ts');
      return pagesOf(this, uploadListing, await pageRequest('bucketListUploads', bucket, query, options));
    });
  }

  /** The parts that S3 has of an upload. */
  uploadListParts(
    remoteName: RemoteName,
    uploadId: string,
    options: UploadOptions = {},
  ): Paged<S3UploadedPart> {
    const { params, signal } = options;
    return new Paged(async () => {
      const { pagesOf, partListing } = await import('./paged-listings.ts');
      return pagesOf(this, partListing, {
        operation: 'uploadListParts',
        ...(await nameOf(remoteName, this.connection)),
        query: { uploadId },
        params,
        headers: await headersFor(options),
        signal,
      });
    });
  }

  /** Aborts an upload: its parts are gone, and no longer billed. */
  uploadAbort(remoteName: RemoteName, uploadId: string, options: UploadOptions = {}): StorageCall<void> {
    return this.call(
      'uploadAbort',
      async (connection) => {
        const name = await nameOf(remoteName, connection);
        // Without an id, this would be the deletion of the object.
        if (typeof uploadId !== 'string' || uploadId === '')
          throw invalidArgument('the uploadId must be a text that is not empty');
        const query = { ...Object.fromEntries(queryPairs(options.params ?? {})), uploadId };
        return new RawS3Request(connection, {
          ...name,
          method: 'DELETE',
          query,
          headers: await headersFor(options),
        });
      },
      nothing,
      { signal: options.signal },
    );
  }

  /**
   * Aborts the uploads of a bucket that were begun before a moment; gives each that it has aborted.
   *
   * @example
   * const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
   * for await (const { key } of storage.abortUploads('my-bucket', { olderThan: yesterday })) console.log(key);
   */
  async *abortUploads(
    bucket: string,
    options: AbortUploadsOptions,
  ): AsyncGenerator<S3Upload, void, undefined> {
    const { abortUploads } = await import('./abort-uploads.ts');
    yield* abortUploads(this, bucket, options);
  }

  /**
   * Copies an object within the service, whatever its size. Onto itself, it changes how the object is kept (`storageClass`,
   * `encryption`); with `sourceVersionId`, it makes an older version the latest again.
   *
   * The copy has the metadata of `headers` when these hold any, else the source's. One above 5 GiB is made in parts, and keeps
   * storage class and encryption unless `headers` say otherwise.
   */
  copy(
    remoteSource: RemoteName,
    remoteDestination: RemoteName,
    options: WriteOptions & CopySourceOptions & CopyOptions = {},
  ): StorageCall<void> {
    return this.call(
      'copy',
      async (connection) => {
        const source = await nameOf(remoteSource, connection);
        const destination = await nameOf(remoteDestination, connection);
        return new CopyS3Request(
          connection,
          source.bucket,
          source.key,
          destination.bucket,
          destination.key,
          await headersFor(options),
          options,
        );
      },
      nothing,
      { signal: options.signal },
    );
  }

  /** Deletes an object, or one of its versions; that there is none is no error. */
  delete(remoteName: RemoteName, options: CallOptions & ObjectDeleteOptions = {}): StorageCall<void> {
    return this.call(
      'delete',
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
        return new DeleteS3Request(connection, bucket, key, await headersFor(options), paramsOf(options));
      },
      nothing,
      { signal: options.signal },
    );
  }

  /**
   * Deletes objects, or versions of them, 1,000 in a request, several requests at a time; gives what became of each name.
   *
   * The names are taken as they are needed, and may be without end. One that cannot be deleted does not keep the others; keys
   * that no XML document can carry are deleted one by one. With a `versionId`, as entries of `bucketListVersions` have it, that
   * version is deleted for good; without, the object, of which a versioned bucket keeps the versions; with `ifMatch`, only an object
   * that still has that ETag.
   *
   * @throws {TypeError} a malformed name; what is under way is then still carried out
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}
   * @example
   * for await (const { name, error } of storage.deleteMany(['a', 'b'])) if (error) console.error(name.key, error.message);
   */
  deleteMany(
    names: Iterable<NameToDelete> | AsyncIterable<NameToDelete>,
    options: DeleteManyOptions = {},
  ): Paged<DeletedName> {
    return new Paged(async () =>
      (await import('./delete-many.ts')).deleteMany(this.connection, names, options),
    );
  }

  /** Whether an object is there, and its metadata: `[true, metadata]` or `[false, {}]`. */
  exists(
    remoteName: RemoteName,
    options: CallOptions & ObjectReadOptions = {},
  ): StorageCall<readonly [boolean, Metadata]> {
    return this.call(
      'exists',
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
        return new ExistsS3Request(connection, bucket, key, await headersFor(options), paramsOf(options));
      },
      ({ ok, metadata }) => [ok, metadata] as const,
      { signal: options.signal, acceptable: isOkOrNotFound },
    );
  }

  /** What S3 says of an object, or of one of its versions, without its content. That there is none is an error. */
  head(remoteName: RemoteName, options: CallOptions & ObjectReadOptions = {}): StorageCall<ObjectHead> {
    return this.call(
      'head',
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
        const headers = { 'x-amz-checksum-mode': 'ENABLED', ...(await headersFor(options)) };
        return new ExistsS3Request(connection, bucket, key, headers, paramsOf(options));
      },
      ({ response }) => headOf(response?.headers ?? {}),
      { signal: options.signal },
    );
  }

  /**
   * Asks for a copy, for some days, of an object that is in an archive; `head` tells by `restore` when it is there.
   *
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html}
   */
  objectRestore(remoteName: RemoteName, options: RestoreOptions = {}): StorageCall<void> {
    return this.call(
      'objectRestore',
      async (connection) => {
        const { restoreRequest } = await import('./requests/restore.ts');
        return restoreRequest(connection, await nameOf(remoteName, connection), options);
      },
      nothing,
      { signal: options.signal },
    );
  }

  /**
   * The records of an object that a query in SQL picks, as they come; a piece can begin and end within a record. For services and
   * accounts that have S3 Select: Amazon gives it to no new customers since July 2024.
   *
   * @throws {StorageError} S3 refused, also in the middle of the records; or they ended without its word that these are all
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html}
   * @example
   * const query = { expression: 'SELECT s.name FROM S3Object s', input: { CSV: { FileHeaderInfo: 'USE' } } };
   * for await (const piece of storage.objectSelect('people.csv', query)) process.stdout.write(piece);
   */
  async *objectSelect(
    remoteName: RemoteName,
    options: SelectOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { selectRecords } = await import('./select.ts');
    yield* selectRecords(this, await nameOf(remoteName, this.connection), options);
  }

  /**
   * Renames an object of a directory bucket, at once and whatever its size.
   *
   * @param newKey - its new name, in the same bucket
   * It is done once, however often it has to be tried.
   *
   * @throws {TypeError} the bucket has not the name of a directory bucket: others have no such request, and could take it for a write
   * @throws {StorageError} S3 refused; with the code `NotImplemented` where another service has an ordinary bucket of such a name
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html}
   */
  objectRename(remoteName: RemoteName, newKey: string, options: RenameOptions = {}): StorageCall<void> {
    return this.call(
      'objectRename',
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
        if (!bucket.endsWith('--x-s3')) {
          throw invalidArgument(`${bucket} is no directory bucket: copy the object, and delete the old one`);
        }
        const { RenameS3Request } = await import('./requests/rename.ts');
        return new RenameS3Request(connection, bucket, key, newKey, await headersFor(options));
      },
      nothing,
      { signal: options.signal },
    );
  }

  /**
   * Sends what has no method of its own, by the same way as all others; resolves to the raw response.
   *
   * Its body is text; an object's content is for `readStream`.
   *
   * @example
   * const { body } = await storage.request({ key: 'a.csv', params: { torrent: '' } });
   */
  request({ method = 'GET', params, data, signal, ...described }: RawRequest): StorageCall<HttpResponse> {
    return this.call(
      'request',
      async (connection) => {
        const { key } = described;
        const name = key === undefined ? {} : await nameOf(new S3Name(key, described.bucket), connection);
        const body = data === undefined ? undefined : bytesBody(data);
        return new RawS3Request(connection, { ...described, ...name, method, query: params, body });
      },
      ({ response }) => {
        if (response === null) throw new Error('S3 sent no response');
        return response;
      },
      { signal },
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
    const name = await nameOf(remoteName, this.connection);
    return this.connection.presign({ ...name, method, query: params, headers }, expiresIn);
  }

  /**
   * A form by which a browser can upload an object, without keys, until it expires. `${filename}` in the key stands for the name of
   * the file that its user picks.
   *
   * @throws {TypeError} a field or condition is malformed, or no field can meet a condition
   * @throws {RangeError} `expiresIn` or a size is out of range
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html}
   */
  async presignPost(remoteName: RemoteName, options: PresignPostOptions = {}): Promise<PresignedPost> {
    const { presignPost } = await import('./post-form.ts');
    return presignPost(this.connection, await nameOf(remoteName, this.connection), options);
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
    options: CallOptions & ObjectReadOptions & ReadOptions = {},
  ): StorageCall<Metadata> {
    return this.call(
      'read',
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
        const { ReadS3Request } = await import('./requests/read.ts');
        return new ReadS3Request(connection, bucket, key, localName, await described(options));
      },
      ({ metadata }) => metadata,
      { signal: options.signal },
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
  readBytes(remoteName: RemoteName, options: ReadStreamOptions = {}): StorageCall<Bytes> {
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
    options: ReadStreamOptions,
    shape: (object: ReadableObject) => T | Promise<T>,
  ): StorageCall<T> {
    return this.call(
      operation,
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
        return new OpenS3Request(connection, bucket, key, await described(options));
      },
      ({ object }) => {
        if (object === undefined) throw new Error('S3 sent no object');
        return shape(object);
      },
      { signal: options.signal },
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
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
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
    return this.call(
      'write',
      async (connection) => {
        const { bucket, key } = await nameOf(remoteName, connection);
        return new WriteS3Request(connection, source, bucket, key, await headersFor(options), options);
      },
      nothing,
      { signal: options.signal },
    );
  }
}

async function bytesIn({ body }: ReadableObject): Promise<Bytes> {
  return (await gathered(body)) as Bytes;
}

function nothing(): void {}

async function pageRequest(
  operation: string,
  bucket: string,
  query: PageRequest['query'],
  options: ListingOptions,
): Promise<PageRequest> {
  const { prefix, delimiter, keyMarker, params, signal } = options;
  return {
    operation,
    bucket,
    query: { ...query, prefix, delimiter, 'key-marker': keyMarker, 'encoding-type': 'url' },
    params,
    headers: await headersFor(options),
    signal,
  };
}

/** The options of a read, with those that are headers and parameters as such. */
async function described<T extends ObjectReadOptions>(
  options: T,
): Promise<Omit<T, 'headers' | 'params'> & Pick<OpenOptions, 'headers' | 'params'>> {
  const { headers: _headers, params: _params, ...others } = options;
  return { headers: await headersFor(options), params: paramsOf(options), ...others };
}
