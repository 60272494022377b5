import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfig } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { CheckedCommand } from '../checked-command.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const region = 'us-east-1';

export class ServeCommand extends CheckedCommand {
  static override paths = [['serve']];
  static override usage = Command.Usage({
    description: 'Start an S3 endpoint on this machine, for development and tests',
    details: `
      Prints an s3.yaml that the other commands can use, and keeps it in the folder, with its keys, for the next time.
      Runs until it is interrupted. Nobody but this machine can reach it, unless --host says otherwise.
    `,
    examples: [
      ['With its data in s3-data', 's3 serve'],
      ['On any free port', 's3 serve /tmp/data --port 0'],
      ['And then, from another terminal', 's3 --config s3-data/s3.yaml list-buckets'],
    ],
  });

  verbose = Option.Boolean('-v,--verbose', false, { description: 'show each request' });
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
    await mkdir(directory, { recursive: true });
    const file = join(directory, 's3.yaml');
    const keys = await keysFor(file);

    // Loaded only here: no other command needs a server.
    const { startServer } = await import('@s3kit/server');
    const { stdout, stderr, signal } = this.context;
    const server = await startServer({
      directory: join(directory, 'data'),
      host: this.host,
      port,
      region,
      users: [keys],
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
      const configuration = configurationFor(server.endpoint, keys);
      await writePrivate(file, configuration);
      stdout.write(
        `# S3 endpoint at ${server.endpoint}, with its data in ${directory}. Interrupt to stop it.\n`,
      );
      stdout.write(
        `# These lines are also in ${file}; use that with --config, or copy it to where you work.\n${configuration}`,
      );
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await server.close();
    }
    return 0;
  }
}

/** The keys that the folder had before, or new ones. */
async function keysFor(file: string): Promise<Keys> {
  if (existsSync(file)) return loadConfig(file);
  return {
    accessKeyId: `S3KIT${randomBytes(10).toString('hex').slice(0, 15).toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
}

function configurationFor(endpoint: string, { accessKeyId, secretAccessKey }: Keys): string {
  // JSON's quoted texts are YAML's too.
  return `---
s3:
    access_key_id: ${JSON.stringify(accessKeyId)}
    secret_access_key: ${JSON.stringify(secretAccessKey)}
    default_bucket: "my-bucket"
    endpoint: ${JSON.stringify(endpoint)}
    region: ${JSON.stringify(region)}
`;
}

/** Writes a file that nobody else may read, all of it or nothing. */
async function writePrivate(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}
