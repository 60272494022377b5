import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { S3Connection } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { CheckedCommand } from '../checked-command.ts';
import { exitStatus } from '../exit-status.ts';
import { Interruption } from '../interruption.ts';
import { escapeUnprintable } from '../printable.ts';
import { writePrivateFile } from '../private-file.ts';

const questions = [
  ['access_key_id', 'Access key id', ''],
  ['secret_access_key', 'Secret access key', ''],
  ['endpoint', 'Endpoint (empty: Amazon)', ''],
  ['region', 'Region', 'us-east-1'],
  ['default_bucket', 'Default bucket (empty: none)', ''],
] as const;

type Question = (typeof questions)[number];

export class ConfigureCommand extends CheckedCommand {
  static override paths = [['configure']];
  static override usage = Command.Usage({
    description: 'Ask for keys, endpoint and region, and write them into s3.yaml, for nobody else to read',
    examples: [
      ['In this directory', 's3 configure'],
      ['Elsewhere', 's3 configure --config ~/work.yaml'],
    ],
  });

  config = Option.String('-c,--config', 's3.yaml', { description: 'the file to write; default: s3.yaml' });
  force = Option.Boolean('--force', false, { description: 'replace a file that is there' });

  override async perform(): Promise<number> {
    const { stdout } = this.context;
    await this.#checkPlace();
    const text = `---\ns3:\n${(await this.#ask()).join('')}`;
    if (this.force) await writePrivateFile(this.config, text);
    else
      await writeFile(this.config, text, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
        throw error instanceof Error && 'code' in error && error.code === 'EEXIST' ? this.#isThere() : error;
      });
    stdout.write(`${this.config} written; try it with: s3 doctor\n`);
    return 0;
  }

  /** Looks whether the file can be written, before anybody types his keys. */
  async #checkPlace(): Promise<void> {
    const found = await stat(this.config).catch(() => undefined);
    if (found !== undefined && !found.isFile()) throw new UsageError(`${this.config} is no regular file`);
    if (found !== undefined && !this.force) throw this.#isThere();
    const folder = dirname(this.config);
    const isFolder = await stat(folder).then(
      (above) => above.isDirectory(),
      () => false,
    );
    if (!isFolder) throw new UsageError(`${this.config}: there is no folder ${folder}`);
    await access(folder, constants.W_OK).catch(() => {
      throw new UsageError(`${this.config}: nothing can be written into ${folder}`);
    });
  }

  #isThere(): UsageError {
    return new UsageError(`${this.config} is there already; --force replaces it`);
  }

  /** The lines of the file, from the answers. */
  async #ask(): Promise<readonly string[]> {
    const { stderr, signal } = this.context;
    let isHidden = false;
    // What is typed is shown by readline, which writes here.
    const shown = new Writable({
      write(chunk, _encoding, done) {
        if (!isHidden) stderr.write(chunk);
        done();
      },
    });
    const { stdin } = process;
    const interrupt = new AbortController();
    const stop = AbortSignal.any([interrupt.signal, signal]);
    const input = createInterface({ input: stdin, output: shown, terminal: stdin.isTTY, signal: stop });
    // While it asks, a terminal gives Ctrl-C as a character, and the system no signal.
    input.on('SIGINT', () => interrupt.abort(new Interruption(exitStatus.interrupted)));
    const lines = input[Symbol.asyncIterator]();
    const ask = async (one: Question): Promise<string> => {
      const [key, question, standard] = one;
      stderr.write(`${question}${standard === '' ? '' : ` [${standard}]`}: `);
      isHidden = key === 'secret_access_key';
      const { value } = await lines.next();
      // Ctrl-D; where answers come from a file or a pipe, those that are left out have their defaults.
      const hasEnded = value === undefined && stdin.isTTY;
      // Nobody's line break has ended the line.
      if (isHidden || stop.aborted || hasEnded) stderr.write('\n');
      isHidden = false;
      stop.throwIfAborted();
      if (hasEnded) throw new Error('the input has ended: nothing is written');
      const answer = (value ?? '').trim() || standard;
      const problem = problemOf(key, answer);
      if (problem === undefined) return answer;
      if (!stdin.isTTY) throw new UsageError(problem);
      stderr.write(`s3: ${escapeUnprintable(problem)}\n`);
      return ask(one);
    };
    const answers: string[] = [];
    try {
      for (const question of questions) {
        const answer = await ask(question);
        // JSON's quoted texts are YAML's too.
        if (answer !== '') answers.push(`    ${question[0]}: ${JSON.stringify(answer)}\n`);
      }
    } finally {
      input.close();
    }
    return answers;
  }
}

/** What a connection would say against an answer. */
function problemOf(key: Question[0], answer: string): string | undefined {
  if (answer === '') return key.includes('access_key') ? `${key} is needed` : undefined;
  try {
    new S3Connection({ access_key_id: 'id', secret_access_key: 'secret', [key]: answer }).close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
