import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type S3Call, S3Connection, type S3ConnectionConfig, type S3ConnectionRuntime } from '@s3kit/core';
import { UsageError } from 'clipanion';
import { findConfiguration } from './configuration.ts';

/** What says which service is meant, and as whom. */
export interface ConnectionChoice {
  readonly config?: string | undefined;
  readonly bucket?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly 'endpoint-url'?: string | undefined;
  readonly 'no-sign-request'?: boolean;
  readonly 'request-payer'?: boolean;
  readonly 'checksum-algorithm'?: string | undefined;
  readonly 'part-size'?: number | undefined;
  readonly threads?: number | undefined;
  readonly 'limit-rate'?: number | undefined;
  readonly 'sse-c-key'?: string | undefined;
}

const smallestPart = 5 * 1024 * 1024;
const largestPart = 5 * 1024 ** 3;
const slowestRate = 8 * 1024;
// More seldom helps: the network, or the disk, is the limit then.
const mostThreads = 3;

/**
 * A connection, by the options of the command line, the configuration file, or AWS's environment and files.
 *
 * @throws {ConfigError | UsageError} none of these says enough, or an option cannot be
 */
export async function connect(
  choice: ConnectionChoice,
  environment: NodeJS.ProcessEnv,
  logger?: (message: string) => void,
): Promise<S3Connection> {
  const isAnonymous = choice['no-sign-request'] === true;
  const { config, runtime } = await findConfiguration(choice, environment, isAnonymous);
  const { region, bucket, 'endpoint-url': endpoint, 'part-size': partSize } = choice;
  if (partSize !== undefined && partSize < smallestPart)
    throw new UsageError('--part-size is 5MiB or more, or S3 refuses the parts');
  if (partSize !== undefined && partSize > largestPart)
    throw new UsageError('--part-size is 5GiB or less, or S3 refuses the parts');
  const rate = choice['limit-rate'];
  if (rate !== undefined && rate < slowestRate) throw new UsageError('--limit-rate is 8KiB or more');
  // The names of the option are those of the setting.
  const checksum = choice['checksum-algorithm'] as S3ConnectionConfig['checksum'];
  const settings = {
    ...config,
    ...(region === undefined ? {} : { region }),
    ...(bucket === undefined ? {} : { defaultBucket: bucket }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(checksum === undefined ? {} : { checksum }),
  };
  return new CommandConnection(
    settings,
    {
      ...runtime,
      threads: choice.threads ?? Math.min(availableParallelism() - 1, mostThreads),
      ...(logger === undefined ? {} : { logger }),
      ...(rate === undefined ? {} : { maximumRate: rate }),
      ...(partSize === undefined ? {} : { partSize }),
    },
    choice,
  );
}

/** A connection whose requests all carry what the command line says of them. */
class CommandConnection extends S3Connection {
  readonly #all: Readonly<Record<string, string>>;
  readonly #ofObjects: Readonly<Record<string, string>>;
  readonly #ofSources: Readonly<Record<string, string>>;
  readonly #addsNothing: boolean;

  constructor(
    config: ConstructorParameters<typeof S3Connection>[0],
    runtime: S3ConnectionRuntime,
    choice: ConnectionChoice,
  ) {
    super(config, runtime);
    this.#all = choice['request-payer'] === true ? { 'x-amz-request-payer': 'requester' } : {};
    const key = choice['sse-c-key'];
    this.#ofObjects = key === undefined ? {} : customerKeyHeaders(key);
    this.#ofSources = Object.fromEntries(
      Object.entries(this.#ofObjects).map(([name, value]) => [
        name.replace('x-amz-', 'x-amz-copy-source-'),
        value,
      ]),
    );
    this.#addsNothing = Object.keys({ ...this.#all, ...this.#ofObjects }).length === 0;
  }

  override async send(call: S3Call): ReturnType<S3Connection['send']> {
    if (this.#addsNothing) return super.send(call);
    const isCopy = Object.keys(call.headers ?? {}).some((name) => name.toLowerCase() === 'x-amz-copy-source');
    const added = {
      ...this.#all,
      ...(call.key === undefined ? {} : this.#ofObjects),
      ...(isCopy ? this.#ofSources : {}),
    };
    return super.send(
      Object.keys(added).length === 0 ? call : { ...call, headers: { ...call.headers, ...added } },
    );
  }
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html} */
export function customerKeyHeaders(file: string): Readonly<Record<string, string>> {
  let key: Buffer;
  try {
    key = readFileSync(file);
  } catch {
    throw new UsageError(`--sse-c-key: ${file} cannot be read`);
  }
  if (key.length !== 32) throw new UsageError(`--sse-c-key: ${file} has ${key.length} bytes; a key has 32`);
  const prefix = 'x-amz-server-side-encryption-customer';
  const digest = createHash('md5').update(key).digest('base64');
  const headers = {
    [`${prefix}-algorithm`]: 'AES256',
    [`${prefix}-key`]: key.toString('base64'),
    [`${prefix}-key-md5`]: digest,
  };
  return headers;
}
