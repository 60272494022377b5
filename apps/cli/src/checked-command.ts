import { isInvalidArgument } from '@s3kit/core';
import { isOnlyAborted } from '@s3kit/sync';
import { type BaseContext, Command, UsageError } from 'clipanion';
import { exitStatus } from './exit-status.ts';
import { Interruption } from './interruption.ts';
import { escapeUnprintable } from './printable.ts';

/** What a command has around it. It has no `stdin`: `process.stdin` is opened by the commands that read it, and by no other. */
export interface S3Context extends BaseContext {
  /** Aborted, with an `Interruption`, when the user or the system wants the command to stop. */
  readonly signal: AbortSignal;
}

/** A command that turns every error into one line on standard error, and an exit status. */
export abstract class CheckedCommand extends Command<S3Context> {
  /** Does what the command is for; gives the exit status. */
  abstract perform(): Promise<number>;

  /** Tells of an error that ended the command; gives the exit status. */
  report(error: unknown): number {
    return reportError(error, this.context);
  }

  override async execute(): Promise<number> {
    try {
      return await this.perform();
    } catch (error) {
      const { signal } = this.context;
      const interruption = [error, signal.reason].find((one) => one instanceof Interruption);
      if (interruption === undefined) return this.report(error);
      if (error !== interruption && !isOnlyAborted(error, signal)) this.report(error);
      return interruption.exitStatus;
    }
  }
}

/** Tells of an error in one line; gives the exit status. */
export function reportError(error: unknown, { stderr }: Pick<BaseContext, 'stderr'>): number {
  stderr.write(`s3: ${escapeUnprintable(lineOf(error))}${isSyntaxError(error) ? '; see s3 --help' : ''}\n`);
  return isUsage(error) ? exitStatus.usage : exitStatus.failed;
}

/** Whether the command line, the configuration or an argument is wrong, rather than the operation. */
export function isUsage(error: unknown): boolean {
  return isSyntaxError(error) || isInvalidArgument(error);
}

function isSyntaxError(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof Error && 'clipanion' in error);
}

/** What is wrong, in one line. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isSyntaxError(error) ? syntaxLine(error) : error.message.replaceAll('\n', ' ');
}

/** Clipanion's error goes on with the usage of every command that it considered: one line is enough. */
function syntaxLine(error: Error): string {
  const [first = ''] = error.message.trim().split('\n');
  return first.replace(/(?<!\.)\.$/, '');
}
