import { type Entry, entries, entryFilter, isProblem, remote } from '@s3kit/sync';
import { Command, Option, UsageError } from 'clipanion';
import { connectionOptions, outputOptions, selectionOptions } from '../option-table.ts';
import { countOf, options } from '../options.ts';
import { baseName, uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { filterOf } from '../sync-events.ts';

export class FindCommand extends ServiceCommand {
  static override paths = [['find']];
  static override usage = Command.Usage({
    description: 'Find objects by name, size, time or storage class',
    details: 'Prints s3:// URIs, one a line. With --key, keys.',
    examples: [
      ['Logs older than a month', "s3 find s3://my-bucket/logs/ --name '*.log' --older 30d"],
      ['What is large', 's3 find s3://my-bucket --larger 1GiB'],
      ['By a regular expression of the key', "s3 find s3://my-bucket --regex '^a/[0-9]+$'"],
    ],
  });

  pattern = Option.String('--name', {
    description: 'the last part of the key matches this, with * and ?; a backslash takes them as they are',
  });
  regex = Option.String('--regex', { description: 'the key matches this regular expression' });
  storageClass = Option.String('--storage-class', { description: 'the storage class, such as GLACIER' });
  key = Option.Boolean('--key', false, { description: 'print keys, not URIs' });
  limit = Option.String('--limit', { description: 'stop after so many' });
  given = options(...connectionOptions, ...outputOptions, ...selectionOptions, 'literal');
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const filter = await filterOf(this.given);
    const isMeant = this.#test(filter);
    const { rules = [] } = filter;
    let left = this.limit === undefined ? Number.POSITIVE_INFINITY : countOf('--limit', this.limit);
    await this.each(this.uris, async (uri) => {
      const { bucket, key: prefix } = this.withoutWildcard(this.locateRemote(uri, storage, true), uri);
      const place = remote(storage, bucket, prefix, { exact: true });
      for await (const entry of entries(place, { rules, folders: true, signal: this.signal })) {
        if (left <= 0) return;
        if (isProblem(entry) || !isMeant(entry, prefix)) continue;
        left--;
        const { size, modified, eTag, storageClass } = entry;
        const key = `${prefix}${entry.name}`;
        const name = uriOf(bucket, key);
        await this.output.result(
          { type: 'object', name, size, modified: new Date(modified).toISOString(), eTag, storageClass },
          this.key ? key : name,
        );
      }
    });
  }

  #test(filter: Awaited<ReturnType<typeof filterOf>>): (entry: Entry, prefix: string) => boolean {
    const name = this.pattern === undefined ? undefined : globExpression(this.pattern);
    const expression = this.regex === undefined ? undefined : expressionOf(this.regex);
    const isIn = entryFilter(filter);
    return (entry, prefix) =>
      isIn(entry) &&
      (name === undefined || name.test(baseName(`${prefix}${entry.name}`))) &&
      (expression === undefined || expression.test(`${prefix}${entry.name}`)) &&
      (this.storageClass === undefined || (entry.storageClass || 'STANDARD') === this.storageClass);
  }
}

function globExpression(pattern: string): RegExp {
  // As in keys, a backslash takes what has a meaning as it is; before anything else, it is a backslash.
  const source = pattern.replace(
    /\\([*?[\\])|[*?]|[.+^${}()|[\]\\]/g,
    (token, literal: string | undefined) => {
      if (literal !== undefined) return `\\${literal}`;
      if (token === '*') return '.*';
      return token === '?' ? '.' : `\\${token}`;
    },
  );
  return new RegExp(`^${source}$`, 'su');
}

function expressionOf(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new UsageError(`--regex: ${error instanceof Error ? error.message : String(error)}`);
  }
}
