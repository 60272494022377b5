import { S3Name, Storage } from '@s3kit/core';
import { isOnlyAborted } from '@s3kit/sync';
import { UsageError } from 'clipanion';
import { CheckedCommand, isUsage, lineOf } from './checked-command.ts';
import { type ConnectionChoice, connect } from './connect.ts';
import { exitStatus } from './exit-status.ts';
import { Output } from './output.ts';
import { type Location, messageUri, parseLocation, type S3Location } from './s3-uri.ts';

/** What every command for a service is given. */
export interface ServiceGiven extends ConnectionChoice {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly literal?: boolean;
  readonly recursive?: boolean;
}

/** A command for a service, with the options of the table. */
export abstract class ServiceCommand extends CheckedCommand {
  abstract readonly given: ServiceGiven;
  #output: Output | undefined;
  readonly #connections: Storage['connection'][] = [];
  /** What was located last: of a command that is about one thing, that one. */
  #located = '';

  /** Does what the command is for. Its exit status is that of the output, unless it gives another. */
  abstract run(): Promise<number | undefined>;

  /** Where results go. */
  get output(): Output {
    this.#output ??= new Output(this.path.join(' '), this.context, this.given);
    return this.#output;
  }

  get signal(): AbortSignal {
    return this.context.signal;
  }

  get environment(): NodeJS.ProcessEnv {
    return this.context.env as NodeJS.ProcessEnv;
  }

  override async perform(): Promise<number> {
    try {
      return (await this.run()) ?? this.output.status;
    } finally {
      this.#output?.flush();
      for (const connection of this.#connections) connection.close();
    }
  }

  override report(error: unknown): number {
    if (isUsage(error)) {
      if (!this.given.json) return super.report(error);
      this.output.refuse(lineOf(error), error);
      return exitStatus.usage;
    }
    this.output.fail(error, this.about(error));
    return this.output.status === exitStatus.done ? exitStatus.failed : this.output.status;
  }

  /** What an error that ends the command is about; empty where that is not known. */
  about(_error: unknown): string {
    return this.#located;
  }

  /** The service, by these options. */
  async open(choice: ConnectionChoice = this.given): Promise<Storage> {
    const log = (message: string): void => this.output.note(message);
    const connection = await connect(choice, this.environment, this.given.verbose ? log : undefined);
    this.#connections.push(connection);
    return new Storage(connection);
  }

  /**
   * Does something for each of several arguments. One that fails is told of, and does not keep the others; nor does one that cannot be,
   * when there is something done already.
   */
  async each(names: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
    let hasBegun = false;
    for (const name of names) {
      try {
        await act(name);
      } catch (error) {
        if (isUsage(error) && !hasBegun) throw error;
        if (!isOnlyAborted(error, this.signal)) this.output.fail(error, name);
        this.signal.throwIfAborted();
      }
      hasBegun = true;
    }
  }

  /** Tells that an argument means nothing: the command goes on, and ends with status 4, unless something else fails. */
  meansNothing(name: string, reason: string = 'there is nothing of that name'): void {
    this.output.fail(new Error(`${name}: ${reason}`), name, true);
  }

  /** Tells the same of what was to be below a name: an object can have that name itself. */
  async meansNothingBelow(storage: Storage, { bucket, key }: S3Location, name: string): Promise<void> {
    const isObject =
      key !== '' && !key.endsWith('/') && (await this.#isThere(storage, new S3Name(key, bucket)));
    this.meansNothing(
      name,
      isObject ? 'there is no folder of that name, but an object: leave out --recursive' : undefined,
    );
  }

  async #isThere(storage: Storage, name: S3Name): Promise<boolean> {
    try {
      const [isThere] = await storage.exists(name, { signal: this.signal });
      return isThere;
    } catch {
      // Who may list need not be one who may read.
      this.signal.throwIfAborted();
      return false;
    }
  }

  /** What an argument names. */
  locate(text: string): Location {
    // What a shell makes of a variable that is not set: it could stand for a whole bucket.
    if (text === '') throw new UsageError('one of the arguments is empty');
    try {
      const { literal = false, recursive = false } = this.given;
      return parseLocation(text, { literal, recursive });
    } catch (error) {
      throw error instanceof SyntaxError ? new UsageError(error.message) : error;
    }
  }

  /** A bucket, or what is in one; a name without `s3://` is a bucket's where `isBucket` says so, else a key of the default one. */
  locateRemote(text: string, storage: Storage, isBucket: boolean = false): S3Location {
    const location = this.#remote(text, storage, isBucket);
    const { bucket, key, wildcard } = location;
    this.#located = wildcard === undefined ? messageUri(bucket, key) : text;
    return location;
  }

  #remote(text: string, storage: Storage, isBucket: boolean): S3Location {
    const location = this.locate(text);
    if (location.kind === 's3') return location;
    // As with aws s3, the scheme can be left out.
    if (isBucket && location.kind === 'local') return this.#remote(`s3://${text}`, storage, isBucket);
    const { defaultBucket } = storage.connection;
    if (defaultBucket === undefined)
      throw new UsageError(`${JSON.stringify(text)} names no bucket: write s3://BUCKET/KEY, or add --bucket`);
    return { kind: 's3', bucket: defaultBucket, key: text };
  }

  /** A bucket itself, and nothing that is in it. */
  locateBucket(text: string, storage: Storage): string {
    const { bucket, key, wildcard } = this.locateRemote(text, storage, true);
    if (key !== '' || wildcard !== undefined)
      throw new UsageError(`${text} names what is in a bucket, and a bucket is meant: s3://${bucket}`);
    return bucket;
  }

  /** The same location, where it has no wildcard. */
  withoutWildcard<L extends Location>(location: L, text: string): L {
    if (location.kind === 's3' && location.wildcard !== undefined)
      throw new UsageError(`${text} has a wildcard, which means nothing here; --literal takes it as it is`);
    return location;
  }

  /** An object: what has a bucket and a key, and no wildcard. */
  locateObject(text: string, storage: Storage): S3Location {
    const location = this.locateObjectOrBucket(text, storage);
    if (location.key === '')
      throw new UsageError(`${JSON.stringify(text)} names no object: write s3://BUCKET/KEY`);
    return location;
  }

  /** An object, or a bucket where there is no key. */
  locateObjectOrBucket(text: string, storage: Storage): S3Location {
    const location = this.locateRemote(text, storage);
    if (location.bucket === '')
      throw new UsageError(`${JSON.stringify(text)} names no bucket: write s3://BUCKET/KEY`);
    if (location.wildcard !== undefined)
      throw new UsageError(`${text} has a wildcard, and one object is meant; --literal takes it as it is`);
    return location;
  }
}
