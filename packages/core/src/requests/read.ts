import { downloadFile } from '#files';
import type { Connection } from '../connection.ts';
import type { RequestHeaders } from '../headers.ts';
import type { HeaderRecord } from '../http.ts';
import type { JournalPlace } from '../journal-place.ts';
import type { FileAttributes } from '../node/atomic-file.ts';
import type { ProgressListener } from '../progress.ts';
import type { QueryParameters } from '../query.ts';
import type { MetadataS3Response } from './exists.ts';
import { ObjectS3Request, type SendOptions } from './s3-request.ts';

/** How an object is read into a file. */
export interface ReadOptions {
  /** Any request headers of S3's, such as the key of an object that is encrypted by one. */
  readonly headers?: RequestHeaders | undefined;
  /** Any parameters of S3's, such as `versionId`. */
  readonly params?: QueryParameters | undefined;
  /** Ranges under way at a time, of an object of 16 MiB or more. @default the connection's, 4 */
  readonly concurrency?: number | undefined;
  /**
   * Remembers what of a large object has come, so that the same call, in another process too, goes on after a crash or a failure:
   * `true` for a small file beside the one that is written, or the folder where it is to be. What has come is then kept after a
   * failure, in the temporary file.
   *
   * @default a failure removes the temporary file
   */
  readonly journal?: JournalPlace | undefined;
  /**
   * Tells, from the answer's headers, the object's metadata among them, the time and the permissions that the file gets before it
   * takes its place.
   *
   * @default none: it was changed now, and has the permissions of the file that it replaces, or the system's own
   */
  readonly attributes?: ((headers: HeaderRecord) => FileAttributes) | undefined;
  /** True where the caller knows that there is no such file yet, nor a link of its name: it is then not looked at. @default false */
  readonly isNew?: boolean | undefined;
  /**
   * True where a file that is there, or comes meanwhile, is to be left as it is: the call then fails with `EEXIST`. So it does where
   * there is anything else of that name, such as a symbolic link, wherever it leads.
   *
   * @default false: the file is replaced
   */
  readonly exclusive?: boolean | undefined;
  /** Is told how far it is. */
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Reads an object into a local file; a large one in ranges, several at a time.
 *
 * The bytes go to a temporary file beside it, which takes its place when it is whole and is what S3 stores; after a failure
 * the old file is as it was, and nothing is left behind.
 */
export class ReadS3Request extends ObjectS3Request<MetadataS3Response> {
  readonly #localFile: string;
  readonly #options: ReadOptions;

  constructor(
    connection: Connection,
    bucket: string,
    key: string,
    localFile: string,
    options: ReadOptions = {},
  ) {
    super(connection, bucket, key);
    this.#localFile = localFile;
    this.#options = options;
  }

  override async send({ signal }: SendOptions = {}): Promise<MetadataS3Response> {
    return downloadFile(this.connection, this.object, this.#localFile, this.#options, signal);
  }
}
