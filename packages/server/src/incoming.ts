/** A request, however it came: by a socket, or handed over inside of the process. */
export interface IncomingRequest {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  /** By lower-case name; a repeated header has several values. */
  headers: Readonly<Record<string, readonly string[] | undefined>>;
  remoteAddress: string;
  /** Starts reading the body; to be called once. */
  body: () => AsyncIterable<Uint8Array>;
}
