import { readFileSync } from 'node:fs';
import { Cli } from 'clipanion';
import { exitStatus, Interruption, reportError, type S3Context } from './checked-command.ts';
import { CopyCommand } from './commands/copy.ts';
import { CreateBucketCommand } from './commands/create-bucket.ts';
import { DeleteCommand } from './commands/delete.ts';
import { DeleteBucketCommand } from './commands/delete-bucket.ts';
import { GetCommand } from './commands/get.ts';
import { HelpCommand } from './commands/help.ts';
import { ListCommand } from './commands/list.ts';
import { ListBucketsCommand } from './commands/list-buckets.ts';
import { PresignCommand } from './commands/presign.ts';
import { PutCommand } from './commands/put.ts';
import { ServeCommand } from './commands/serve.ts';
import { UpdateMetadataCommand } from './commands/update-metadata.ts';
import { VersionCommand } from './commands/version.ts';

/** Runs the command line of this process, and sets its exit status. */
export async function main(): Promise<void> {
  const interrupt = new AbortController();
  // A second one ends the process at once.
  process.once('SIGINT', () => interrupt.abort(new Interruption(exitStatus.interrupted)));
  process.once('SIGTERM', () => interrupt.abort(new Interruption(exitStatus.terminated)));
  // Whoever read our output has stopped reading: there is nothing left to say.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitStatus.closedPipe : exitStatus.failed),
  );
  process.exitCode = await run(process.argv.slice(2), interrupt.signal);
}

async function run(argv: string[], signal: AbortSignal): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const cli = new Cli<S3Context>({ binaryName: 's3', binaryLabel: 's3', binaryVersion: version });
  for (const command of [
    GetCommand,
    PutCommand,
    DeleteCommand,
    ListCommand,
    CreateBucketCommand,
    DeleteBucketCommand,
    ListBucketsCommand,
    CopyCommand,
    UpdateMetadataCommand,
    PresignCommand,
    ServeCommand,
    HelpCommand,
    VersionCommand,
  ]) {
    cli.register(command);
  }
  const context = { ...Cli.defaultContext, signal };
  try {
    const command = cli.process(argv.length === 0 ? ['--help'] : argv, context);
    return await cli.run(command, context);
  } catch (error) {
    return reportError(error, context);
  }
}
