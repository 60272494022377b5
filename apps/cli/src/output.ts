import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { isStorageError } from '@s3kit/core';
import { exitStatus } from './exit-status.ts';
import { NotDeletedError } from './not-deleted.ts';
import { escapeUnprintable, printable, printableDocument } from './printable.ts';
import { humanBytes, humanSeconds } from './quantities.ts';

/** What a command tells of one thing. Every line of `--json` has the first five. */
export interface Result {
  readonly operation: string;
  readonly status: 'ok' | 'planned' | 'skipped' | 'failed';
  readonly type:
    | 'object'
    | 'file'
    | 'prefix'
    | 'bucket'
    | 'version'
    | 'delete-marker'
    | 'upload'
    | 'text'
    | 'summary';
  /** `s3://bucket/key`, or a local path. */
  readonly name: string;
  /** Bytes; null where there is nothing that has a size. */
  readonly size: number | null;
  /** Where it went. */
  readonly destination?: string;
  /** ISO 8601, UTC. */
  readonly modified?: string;
  readonly [further: string]: unknown;
}

/** What is told of a result; the rest is the command's. */
type Told = Omit<Result, 'operation' | 'status'> & { readonly status?: Result['status'] };

/** What a summary counts. */
export interface Counts {
  readonly files: number;
  readonly bytes: number;
  readonly failed: number;
  readonly skipped: number;
  readonly deleted?: number;
  readonly unchanged?: number;
  /** What was to be deleted, and was not: a failure of its own. */
  readonly withheld?: number;
}

// Characters.
const writtenTogether = 16 * 1024;

const dryRun = '(dry run) ';

interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}

/** The one place where results become lines: of text, or of JSON. It also knows how the command is to end. */
export class Output {
  readonly isJson: boolean;
  readonly isVerbose: boolean;
  readonly isQuiet: boolean;
  readonly #streams: Streams;
  readonly #operation: string;
  /** Takes the progress display away while a line is written. */
  onLine: (() => void) | undefined;
  #pending = '';
  #failed = 0;
  #notFound = 0;
  #skipped = 0;

  constructor(
    operation: string,
    streams: Streams,
    given: { readonly json: boolean; readonly verbose: boolean; readonly quiet: boolean },
  ) {
    this.#operation = operation;
    this.#streams = streams;
    this.isJson = given.json;
    this.isVerbose = given.verbose;
    this.isQuiet = given.quiet;
  }

  /** Whether it is told of each thing that is done. */
  get isDetailed(): boolean {
    return this.isJson || this.isVerbose;
  }

  get isTerminal(): boolean {
    const { stdout } = this.#streams;
    return 'isTTY' in stdout && stdout.isTTY === true;
  }

  /** How the command ends, as far as it is known. */
  get status(): number {
    if (this.#failed > 0) return this.#failed === this.#notFound ? exitStatus.notFound : exitStatus.failed;
    return this.#skipped > 0 ? exitStatus.skipped : exitStatus.done;
  }

  /** Tells a result: as its lines of text, or in JSON. Resolves, where its reader is slower than we are, when he has caught up. */
  result(result: Told, ...lines: readonly string[]): Promise<void> | undefined {
    const { stdout } = this.#streams;
    const text = lines.map((line) => printable(line, stdout)).join('\n');
    return this.#result(result, lines.length === 0 ? undefined : text);
  }

  /** Tells a result that is a document, whose line breaks are its own. */
  document(result: Told, text: string): Promise<void> | undefined {
    return this.#result(result, printableDocument(text, this.#streams.stdout));
  }

  #result(result: Told, text: string | undefined): Promise<void> | undefined {
    if (this.isQuiet && result.status !== 'planned') return undefined;
    if (!this.isJson) return text === undefined ? undefined : this.#write(text);
    const { type, name, size, status = 'ok', ...further } = result;
    return this.#write(JSON.stringify({ operation: this.#operation, status, type, name, size, ...further }));
  }

  /** What is done, only with `--verbose` or in JSON; what would be done, in a dry run, always. */
  done(result: Told, line: string): Promise<void> | undefined {
    if (result.status === 'planned') return this.result(result, `${dryRun}${line}`);
    return this.isDetailed ? this.result(result, line) : undefined;
  }

  /** One of many results, of which only what is shown is made: by `json` what `result` takes, by `text` its line. */
  one(json: () => Told, text: () => string): Promise<void> | undefined {
    if (this.isQuiet) return undefined;
    return this.isJson ? this.result(json()) : this.line(text());
  }

  /** A line of text; waits where its reader is slower than we are. */
  line(text: string): Promise<void> | undefined {
    return this.#write(printable(text, this.#streams.stdout));
  }

  /** Lines that come at once are written together: one by one, ten thousand of them would cost more than to list the names. */
  #write(text: string): Promise<void> | undefined {
    this.onLine?.();
    if (this.#pending === '') setImmediate(() => this.flush());
    this.#pending += `${text}\n`;
    if (this.#pending.length < writtenTogether || this.flush()) return undefined;
    const { stdout, signal } = this.#streams;
    return once(stdout, 'drain', { signal }).then(() => undefined);
  }

  /** Writes what is left to write; false where its reader is slower than we are. */
  flush(): boolean {
    const text = this.#pending;
    this.#pending = '';
    return text === '' || this.#streams.stdout.write(text);
  }

  /** Tells that one thing has failed; the command goes on, and ends with status 1, or 4 where nothing was found. */
  fail(error: unknown, name: string, isNotFound: boolean = tellsOfNothing(error)): void {
    this.#failed++;
    if (isNotFound) this.#notFound++;
    const destination = error instanceof NotDeletedError ? error.destination : undefined;
    this.#complain('failed', name, messageOf(error), { destination, code: codeOf(error) });
  }

  /** Tells that the command, or the configuration, is wrong. */
  refuse(message: string, error: unknown): void {
    this.#failed++;
    this.#complain('failed', '', message, { code: codeOf(error) });
  }

  /** Tells that one thing was left alone; the command ends with status 3. */
  skip(name: string, reason: string): void {
    this.#skipped++;
    this.#complain('skipped', name, reason);
  }

  /** Tells, with `--verbose` or in JSON, that one of many was left alone as it is there already; the command ends with status 3. */
  keep(name: string, reason: string): void {
    if (this.isDetailed) this.skip(name, reason);
    else this.#skipped++;
  }

  /** Tells something that changes nothing. */
  note(text: string): void {
    if (!this.isQuiet && !this.isJson) this.#error(`s3: ${escapeUnprintable(text)}`);
  }

  #complain(
    status: 'failed' | 'skipped',
    name: string,
    message: string,
    further: { readonly destination?: string | undefined; readonly code?: string | undefined } = {},
  ): void {
    const text = message.replaceAll('\n', ' ');
    if (this.isJson) {
      const record = { operation: this.#operation, status, type: 'object', name, size: null, message: text };
      this.#error(JSON.stringify({ ...record, ...further }));
      return;
    }
    const about = name === '' || names(text, name) ? '' : `${name}: `;
    this.#error(
      escapeUnprintable(`s3: ${this.#operation}: ${status === 'skipped' ? 'skipped: ' : ''}${about}${text}`),
    );
  }

  #error(text: string): void {
    this.onLine?.();
    this.flush();
    this.#streams.stderr.write(`${text}\n`);
  }

  /** What it all came to: in JSON on standard output, in words on standard error. */
  async summary(counts: Counts, seconds: number, isDryRun: boolean, isWanted: boolean = true): Promise<void> {
    const { files, bytes, failed, skipped, deleted, unchanged, withheld } = counts;
    if (this.isJson) {
      await this.result({
        type: 'summary',
        name: '',
        size: bytes,
        status: failed > 0 ? 'failed' : isDryRun ? 'planned' : 'ok',
        files,
        failed,
        skipped,
        deleted: deleted ?? 0,
        unchanged: unchanged ?? 0,
        ...(withheld === undefined ? {} : { withheld }),
        seconds: Math.round(seconds * 1000) / 1000,
      });
      return;
    }
    if (this.isQuiet || !isWanted) return;
    const parts = [
      `${files} ${files === 1 ? 'file' : 'files'}, ${humanBytes(bytes)}`,
      ...(deleted ? [`${deleted} deleted`] : []),
      ...(withheld ? [`${withheld} not deleted`] : []),
      ...(unchanged ? [`${unchanged} unchanged`] : []),
      ...(skipped ? [`${skipped} skipped`] : []),
      ...(failed ? [`${failed} failed`] : []),
    ];
    this.#error(`${isDryRun ? dryRun : ''}${parts.join('; ')} in ${humanSeconds(seconds)}`);
  }
}

/** Whether a text has a name in it, as a word of its own. */
export function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const isWord =
      /^[\s"'(]?$/.test(text.charAt(at - 1)) && /^[\s"':,;)]?$/.test(text.charAt(at + name.length));
    if (isWord) return true;
  }
  return false;
}

/** Whether an error says that what was asked for is not there. */
function tellsOfNothing(error: unknown): boolean {
  if (isStorageError(error)) return error.status === 404 || error.code === 'ENOENT';
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** What is wrong, for people: the method that a command has called says nothing to them. */
export function messageOf(error: unknown): string {
  if (isStorageError(error)) return messageOf(error.exception);
  if (error instanceof NotDeletedError) return `${error.message}${reasonOf(error)}`;
  if (!(error instanceof Error)) return String(error);
  // Node's own: "ENOENT: no such file or directory, stat 'a'".
  const [, problem] = /^E[A-Z0-9]+: (.+), \w+(?: '.*')?$/s.exec(error.message) ?? [];
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return problem === undefined || path === undefined ? error.message : `${path}: ${problem}`;
}

/** Why something was not deleted, without its name, which has been said. */
function reasonOf({ cause, source }: NotDeletedError): string {
  const reason = messageOf(cause);
  // Before it is deleted, an object is looked at, which may be refused as well.
  const isOfDeletion = isStorageError(cause) && ['DELETE', 'POST'].includes(cause.response?.method ?? '');
  const about = `${source}: `;
  return `${isOfDeletion ? ' (DeleteObject)' : ''}: ${reason.startsWith(about) ? reason.slice(about.length) : reason}`;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof NotDeletedError) return codeOf(error.cause);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
