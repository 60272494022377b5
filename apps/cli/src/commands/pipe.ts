import { S3Name } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { conditionsOf, headersOf, isKept } from '../headers.ts';
import { connectionOptions, headerOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { standardInput } from '../standard-input.ts';
import { guessedType } from '../sync-events.ts';

export class PipeCommand extends ServiceCommand {
  static override paths = [['pipe']];
  static override usage = Command.Usage({
    description: 'Write standard input as an object',
    details: 'Of any length: it goes up in parts as it comes. If it breaks off, nothing is written.',
    examples: [['A backup', 'pg_dump shop | gzip | s3 pipe s3://my-bucket/shop.sql.gz']],
  });

  given = options(
    ...connectionOptions,
    ...outputOptions,
    ...headerOptions,
    'no-clobber',
    'if-match',
    'concurrency',
    'literal',
  );
  uri = Option.String({ name: 'uri' });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { given, signal } = this;
    const { bucket, key } = this.locateObject(this.uri, storage);
    let size = 0;
    const name = uriOf(bucket, key);
    try {
      await storage.write(standardInput(), new S3Name(key, bucket), {
        headers: {
          ...(given['no-guess-mime-type'] ? {} : guessedType(key)),
          ...headersOf(given),
          ...conditionsOf(given),
        },
        signal,
        onProgress: ({ transferred }) => {
          size = transferred;
        },
        ...(given.concurrency === undefined ? {} : { concurrency: given.concurrency }),
      });
    } catch (error) {
      if (isKept(error, given)) return this.output.skip('-', `${name} is there already`) as undefined;
      throw error;
    }
    await this.output.done({ type: 'object', name, size }, `upload: - to ${name}`);
  }
}
