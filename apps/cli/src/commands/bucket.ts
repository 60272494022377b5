import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bucketConfigurations,
  type ConfigurationFamily,
  ConfigurationS3Request,
  readConfiguration,
  type Storage,
} from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { closest } from '../closest.ts';
import { documentOf } from '../document-input.ts';
import { leavingKeys } from '../interruption.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

abstract class BucketCommand extends ServiceCommand {
  given = options(...connectionOptions, ...outputOptions);
  family = Option.String({ name: 'family' });
  uri = Option.String({ name: 'bucket' });
  id = Option.String('--id', {
    description: 'which of several, for inventory, analytics, metrics and the like',
  });

  configuration(method: 'get' | 'set' | 'delete'): ConfigurationFamily {
    const families: Readonly<Record<string, ConfigurationFamily>> = bucketConfigurations;
    const found = Object.hasOwn(families, this.family) ? families[this.family] : undefined;
    if (found === undefined) {
      const meant = closest(this.family, Object.keys(bucketConfigurations));
      throw new UsageError(
        `${this.family} is no family of bucket configuration${meant === undefined ? '' : `; did you mean ${meant}?`}; s3 bucket families lists them`,
      );
    }
    if (!found.methods.includes(method)) throw new UsageError(`S3 has no way to ${method} ${this.family}`);
    return found;
  }

  /** Never by a request that a service could take for one about the bucket itself: core asks it first whether it knows the family. */
  async request(storage: Storage, verb: 'get' | 'set' | 'delete', document?: string): Promise<string> {
    const family = this.configuration(verb);
    if (family.id !== undefined && this.id === undefined)
      throw new UsageError(`a bucket can have several of ${this.family}: name one by --id`);
    const bucket = this.locateBucket(this.uri, storage);
    return storage.call(
      `bucket ${verb} ${this.family}`,
      (connection) =>
        new ConfigurationS3Request(connection, { verb, family, bucket, id: this.id, data: document }),
      async (result) => {
        if (verb === 'get') await readConfiguration(result, family);
        return result.response?.body ?? '';
      },
      { signal: this.signal },
    );
  }

  async told(storage: Storage, verb: string): Promise<void> {
    const bucket = this.locateBucket(this.uri, storage);
    await this.output.done(
      { type: 'bucket', name: uriOf(bucket), size: null, family: this.family },
      `${verb} ${this.family}: ${bucket}`,
    );
  }
}

class BucketGetCommand extends BucketCommand {
  static override paths = [['bucket', 'get']];
  static override usage = Command.Usage({
    description: 'Show a part of the configuration of a bucket',
    examples: [['Its policy', 's3 bucket get policy s3://my-bucket']],
  });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const document = await this.request(storage, 'get');
    const bucket = this.locateBucket(this.uri, storage);
    await this.output.document(
      { type: 'text', name: uriOf(bucket), size: null, family: this.family, document },
      document,
    );
  }
}

class BucketSetCommand extends BucketCommand {
  static override paths = [['bucket', 'set']];
  static override usage = Command.Usage({
    description: 'Set a part of the configuration of a bucket, from a file or standard input',
    examples: [['Its lifecycle', 's3 bucket set lifecycle s3://my-bucket rules.xml']],
  });
  file = Option.String({ name: 'file', required: false });

  override async run(): Promise<undefined> {
    this.configuration('set');
    const document = await documentOf(this.file ?? '-');
    const storage = await this.open();
    await this.request(storage, 'set', document);
    await this.told(storage, 'set');
  }
}

class BucketDeleteCommand extends BucketCommand {
  static override paths = [['bucket', 'delete']];
  static override usage = Command.Usage({
    description: 'Delete a part of the configuration of a bucket',
    examples: [['Its website', 's3 bucket delete website s3://my-bucket']],
  });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    await this.request(storage, 'delete');
    await this.told(storage, 'delete');
  }
}

class BucketEditCommand extends BucketCommand {
  static override paths = [['bucket', 'edit']];
  static override usage = Command.Usage({
    description: 'Edit a part of the configuration of a bucket, in $VISUAL or $EDITOR',
    examples: [['Its policy', 's3 bucket edit policy s3://my-bucket']],
  });

  override async run(): Promise<undefined> {
    const { format, none } = this.configuration('set');
    const storage = await this.open();
    const before = await this.request(storage, 'get').catch((error: unknown) => {
      if (saysNoneIsSet(error, none)) return '';
      throw error;
    });
    const folder = await mkdtemp(join(tmpdir(), 's3-edit-'));
    const file = join(folder, `${this.family}.${format}`);
    let isLost = false;
    try {
      await writeFile(file, before, { mode: 0o600 });
      const failure = await this.#edit(file);
      const after = await readFile(file, 'utf8');
      isLost = after !== before;
      if (failure !== undefined) throw new Error(`${failure}; nothing was changed`);
      if (!isLost) return this.output.note('nothing was changed') as undefined;
      await this.request(storage, 'set', after);
      isLost = false;
      await this.told(storage, 'set');
    } finally {
      // What somebody has written is not thrown away because the editor failed, or S3 did not take it.
      if (isLost) this.output.fail(new Error(`what was edited is kept in ${file}`), this.uri, false);
      else await rm(folder, { recursive: true });
    }
  }

  /** Lets the user edit a file; gives what has gone wrong with the editor. */
  async #edit(file: string): Promise<string | undefined> {
    const editor = this.environment['VISUAL'] || this.environment['EDITOR'] || 'vi';
    // A shell that waits for the editor would end by Ctrl-C, whatever the editor makes of it.
    const script = `trap : INT QUIT; ${editor} "$1"`;
    const [status, signal] = await leavingKeys(async () => {
      const child = spawn('sh', ['-c', script, 'sh', file], { stdio: 'inherit' });
      return (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    });
    if (status === 0) return undefined;
    return signal === null ? `the editor ended with status ${status}` : `${signal} has ended the editor`;
  }
}

/** Whether a refusal says that none is set, which is where one begins: by a code of the family, or as other services have it. */
function saysNoneIsSet(error: unknown, codes: readonly string[] = []): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  const code = String(error.code);
  return codes.includes(code) || /^NoSuch(?!Bucket$)/.test(code);
}

class BucketFamiliesCommand extends ServiceCommand {
  static override paths = [
    ['bucket', 'families'],
    ['bucket', 'list'],
  ];
  static override usage = Command.Usage({
    description: 'List the parts of the configuration of buckets, and what can be done with each',
    examples: [['All', 's3 bucket families']],
  });
  given = options(...connectionOptions, ...outputOptions);

  override async run(): Promise<undefined> {
    for (const [family, { methods }] of Object.entries(bucketConfigurations)) {
      // What there is a command for.
      const verbs = methods.filter((method) => method !== 'list');
      await this.output.result(
        { type: 'text', name: family, size: null, methods: verbs },
        `${family.padEnd(16)} ${verbs.join(', ')}`,
      );
    }
  }
}

export const bucketCommands = [
  BucketGetCommand,
  BucketSetCommand,
  BucketDeleteCommand,
  BucketEditCommand,
  BucketFamiliesCommand,
];
