import { readFileSync } from 'node:fs';
import { isConfigError, isStorageError } from '@s3kit/core';
import { Cli, UsageError } from 'clipanion';
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
import { escapeUnprintable } from './printable.ts';
import type { S3Context } from './s3-command.ts';

/** Exit statuses. */
const failed = 1;
const usage = 2;
const interrupted = 130;
const closedPipe = 141;

/** Runs the command line of this process, and sets its exit status. */
export async function main(): Promise<void> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  // Whoever read our output has stopped reading: there is nothing left to say.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? closedPipe : failed),
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
  try {
    const command = cli.process(argv.length === 0 ? ['--help'] : argv, { signal });
    command.context = { ...Cli.defaultContext, ...command.context, signal };
    // Not cli.run(): it prints errors itself, to standard output, with status 1.
    return (await command.validateAndExecute()) ?? 0;
  } catch (error) {
    if (signal.aborted) return interrupted;
    process.stderr.write(`s3: ${escapeUnprintable(lineOf(error))}\n`);
    return isUsage(error) ? usage : failed;
  }
}

/** Whether the command line, the configuration or an argument is wrong, rather than the operation. */
function isUsage(error: unknown): boolean {
  return error instanceof UsageError || isSyntaxError(error) || isConfigError(error) || isBadArgument(error);
}

function isSyntaxError(error: unknown): error is Error {
  return error instanceof Error && 'clipanion' in error;
}

function isBadArgument(error: unknown): boolean {
  return (error instanceof TypeError || error instanceof RangeError) && !isStorageError(error);
}

/** An error in one line. */
function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first = ''] = error.message.trim().split('\n');
  return isSyntaxError(error) ? `${first}; see s3 --help` : error.message.replaceAll('\n', ' ');
}
