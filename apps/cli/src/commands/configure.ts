import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Command, Option, UsageError } from 'clipanion';
import { CheckedCommand } from '../checked-command.ts';

const questions = [
  ['access_key_id', 'Access key id', ''],
  ['secret_access_key', 'Secret access key', ''],
  ['endpoint', 'Endpoint (empty: Amazon)', ''],
  ['region', 'Region', 'us-east-1'],
  ['default_bucket', 'Default bucket (empty: none)', ''],
] as const;

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
    const { stderr, stdout, signal } = this.context;
    let isHidden = false;
    // What is typed is shown by readline, which writes here.
    const shown = new Writable({
      write(chunk, _encoding, done) {
        if (!isHidden) stderr.write(chunk);
        done();
      },
    });
    const input = createInterface({
      input: process.stdin,
      output: shown,
      terminal: process.stdin.isTTY,
    });
    const lines = input[Symbol.asyncIterator]();
    const answers: string[] = [];
    try {
      for (const [key, question, standard] of questions) {
        stderr.write(`${question}${standard === '' ? '' : ` [${standard}]`}: `);
        isHidden = key === 'secret_access_key';
        const { value } = await lines.next();
        if (isHidden) stderr.write('\n');
        isHidden = false;
        signal.throwIfAborted();
        const answer = (value ?? '').trim() || standard;
        if (answer === '' && key.includes('access_key')) throw new UsageError(`${key} is needed`);
        // JSON's quoted texts are YAML's too.
        if (answer !== '') answers.push(`    ${key}: ${JSON.stringify(answer)}\n`);
      }
    } finally {
      input.close();
    }
    try {
      await writeFile(this.config, `---\ns3:\n${answers.join('')}`, {
        mode: 0o600,
        flag: this.force ? 'w' : 'wx',
      });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
        throw new UsageError(`${this.config} is there already; --force replaces it`);
      throw error;
    }
    stdout.write(`${this.config} written; try it with: s3 doctor\n`);
    return 0;
  }
}
