import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfig, type S3ConnectionConfig } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { CheckedCommand } from '../checked-command.ts';
import { writePrivateFile } from '../private-file.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who may sign, and for which region; as the configuration files have it. */
interface Access {
  readonly users: readonly Keys[];
  readonly region: string;
}

/** What the server's own configuration says. */
interface Own {
  readonly keys: Keys;
  readonly defaultBucket: string;
}

const standardRegion = 'us-east-1';
const exampleBucket = 'my-bucket';

export class ServeCommand extends CheckedCommand {
  static override paths = [['serve']];
  static override usage = Command.Usage({
    description: 'Start an S3 endpoint on this machine, for development and tests',
    details: `
      Prints an s3.yaml that the other commands can use, and keeps it in the folder, with its keys, for the next time.
      With --config, the users are those of the files instead, and nothing is written into the folder but the data.
      Runs until it is interrupted. Nobody but this machine can reach it, unless --host says otherwise.
    `,
    examples: [
      ['With its data in s3-data', 's3 serve'],
      ['On any free port', 's3 serve /tmp/data --port 0'],
      ['For the users of two files', 's3 serve --config alice.yaml --config bob.yaml'],
      ['With a bucket, and without a word', 's3 serve --quiet --bucket my-bucket'],
      ['And then, from another terminal', 's3 --config s3-data/s3.yaml list-buckets'],
    ],
  });

  verbose = Option.Boolean('-v,--verbose', false, { description: 'show each request' });
  quiet = Option.Boolean('-q,--quiet', false, { description: 'print nothing but errors' });
  config = Option.Array('-c,--config', [], {
    description: 'an s3.yaml whose keys and region are to be served; once for each user',
  });
  bucket = Option.Array('-b,--bucket', [], { description: 'a bucket that is there from the start' });
  port = Option.String('--port', '9000', {
    description: 'the port to listen on, 0 for any that is free; default: 9000',
  });
  host = Option.String('--host', '127.0.0.1', {
    description: 'the address to listen on; default: 127.0.0.1, this machine only',
  });
  directory = Option.String({ name: 'dir', required: false });

  override async perform(): Promise<number> {
    const port = Number(this.port);
    if (!/^\d+$/.test(this.port) || port > 65_535)
      throw new UsageError(`--port is a number from 0 to 65535, not ${JSON.stringify(this.port)}`);
    const directory = resolve(this.directory ?? 's3-data');
    await mkdir(directory, { recursive: true }).catch((error: unknown) => {
      // Something on the way to it, or it itself, is there.
      const isFile =
        error instanceof Error && 'code' in error && /^(?:EEXIST|ENOTDIR)$/.test(String(error.code));
      throw isFile ? new UsageError(`serve: ${directory} is, or lies in, what is no folder`) : error;
    });
    const file = join(directory, 's3.yaml');
    const own = this.config.length === 0 ? await ownOf(file, this.bucket[0]) : undefined;
    const { users, region } = own
      ? { users: [own.keys], region: standardRegion }
      : await accessOf(this.config);

    // Loaded only here: no other command needs a server.
    const { startServer } = await import('@s3kit/server');
    const { stdout, stderr, signal } = this.context;
    const server = await startServer({
      directory: join(directory, 'data'),
      host: this.host,
      port,
      region,
      users,
      buckets: this.bucket,
      ...(this.verbose
        ? {
            onRequest: ({ method, target, status, errorCode, duration }) =>
              stderr.write(
                `${status} ${method} ${target}${errorCode === undefined ? '' : ` ${errorCode}`} ${Math.round(duration)} ms\n`,
              ),
          }
        : {}),
    });
    try {
      const say = (text: string): void => void (this.quiet || stdout.write(text));
      say(`# S3 endpoint at ${server.endpoint}, with its data in ${directory}. Interrupt to stop it.\n`);
      if (own) {
        const configuration = configurationFor(server.endpoint, own);
        await writePrivateFile(file, configuration);
        say(
          `# These lines are also in ${file}; use that with --config, or copy it to where you work.\n${configuration}`,
        );
      }
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await server.close();
    }
    return 0;
  }
}

/** The users of configuration files, which have to agree on the region. */
async function accessOf(files: readonly string[]): Promise<Access> {
  const configs = await Promise.all(files.map((file) => loadConfig(file)));
  const regions = new Set(configs.map(({ region }) => region ?? standardRegion));
  const [region = standardRegion] = regions;
  if (regions.size > 1) throw new UsageError(`one server has one region, not ${[...regions].join(' and ')}`);
  return { users: configs.map((config, index) => keysIn(config, files[index])), region };
}

/** The keys of a configuration; an anonymous one has none to serve. */
function keysIn({ accessKeyId, secretAccessKey }: S3ConnectionConfig, file: string = ''): Keys {
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new UsageError(`${file} has no keys; serve takes files with access_key_id and secret_access_key`);
  return { accessKeyId, secretAccessKey };
}

/** What the folder's configuration had before, or something new; the bucket that is named goes before both. */
async function ownOf(file: string, bucket: string | undefined): Promise<Own> {
  if (existsSync(file)) {
    const before = await loadConfig(file);
    return { keys: keysIn(before, file), defaultBucket: bucket ?? before.defaultBucket ?? exampleBucket };
  }
  const keys = {
    accessKeyId: `S3KIT${randomBytes(10).toString('hex').slice(0, 15).toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  return { keys, defaultBucket: bucket ?? exampleBucket };
}

function configurationFor(endpoint: string, { keys, defaultBucket }: Own): string {
  const { accessKeyId, secretAccessKey } = keys;
  // JSON's quoted texts are YAML's too.
  return `---
s3:
    access_key_id: ${JSON.stringify(accessKeyId)}
    secret_access_key: ${JSON.stringify(secretAccessKey)}
    default_bucket: ${JSON.stringify(defaultBucket)}
    endpoint: ${JSON.stringify(endpoint)}
    region: ${JSON.stringify(standardRegion)}
`;
}
