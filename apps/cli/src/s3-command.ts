import { once } from 'node:events';
import { isInvalidArgument, type S3Key, Storage } from '@s3kit/core';
import { Option, UsageError } from 'clipanion';
import { CheckedCommand } from './checked-command.ts';
import { connect } from './connect.ts';
import { printable } from './printable.ts';

/** What all commands that talk to a service have in common. */
export abstract class S3Command extends CheckedCommand {
  config = Option.String('-c,--config', { description: 'the configuration file to use; default: s3.yaml' });
  verbose = Option.Boolean('-v,--verbose', false, {
    description: 'show what was done, and each request that is tried again',
  });
  bucket = Option.String('-b,--bucket', { description: 'use this bucket instead of the default bucket' });

  /** Does what the command is for; gives the exit status. */
  abstract run(storage: Storage): Promise<number>;

  override async perform(): Promise<number> {
    const { env, stderr } = this.context;
    const { config, bucket } = this;
    const log = (message: string): void => void stderr.write(`s3: ${message}\n`);
    const connection = await connect(
      { config, bucket },
      env as NodeJS.ProcessEnv,
      this.verbose ? log : undefined,
    );
    try {
      return await this.run(new Storage(connection));
    } catch (error) {
      // The library does not know of options.
      if (isInvalidArgument(error) && error.message.startsWith('no bucket for ')) throw noBucket();
      throw error;
    } finally {
      connection.close();
    }
  }

  /** The bucket that is named, or else the default one. */
  bucketOr({ connection }: Storage, name: string | undefined): string {
    const bucket = name ?? connection.defaultBucket;
    if (bucket === undefined) throw noBucket();
    return bucket;
  }

  /** Prints a line of the command's result; waits where its reader is slower than we are. */
  async print(line: string): Promise<void> {
    const { stdout, signal } = this.context;
    if (!stdout.write(`${printable(line, stdout)}\n`)) await once(stdout, 'drain', { signal });
  }

  /** Prints a line only with `--verbose`. */
  async tell(line: string): Promise<void> {
    if (this.verbose) await this.print(line);
  }
}

function noBucket(): UsageError {
  return new UsageError('no bucket: name one by --bucket, or set default_bucket in the configuration');
}

/** An option that gives request headers, one each time, as `name: value`. */
export function headerOption(): string[] | undefined {
  return Option.Array('--header', {
    description: 'a request header, such as "x-amz-meta-state: new"; may be given several times',
  });
}

/** An option that keeps what was done of a large transfer. */
export function resumeOption(): boolean {
  return Option.Boolean('--resume', false, {
    description:
      'remember what was done of a large file, in a small one beside it: after a failure, the same command goes on',
  });
}

/** The headers of `--header`, by their names. */
export function parseHeaders(lines: readonly string[] = []): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value = ''] = /^([^:]+):[ \t]*(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw new UsageError(`--header takes "name: value", not ${JSON.stringify(line)}`);
    headers[name.trim()] = value;
  }
  return headers;
}

/** One line of a long listing. */
export function describeKey({ key, size, modifiedAt }: S3Key): string {
  return `${modifiedAt.toISOString().slice(0, 19).replace('T', ' ')} ${size.padStart(12)} ${key}`;
}
