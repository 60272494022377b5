/** What was moved has arrived, and its source could not be deleted: the cause tells why. */
export class NotDeletedError extends Error {
  /** As people know them: an `s3://` URI or a path. */
  readonly source: string;
  readonly destination: string;

  constructor(source: string, destination: string, cause: unknown) {
    super(`copied to ${destination}, but ${source} could not be deleted`, { cause });
    this.source = source;
    this.destination = destination;
  }
}
