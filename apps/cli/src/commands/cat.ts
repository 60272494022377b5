import { type ReadStreamOptions, S3Name, type Storage } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { inTurn, writeObject } from '../byte-output.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { ServiceCommand } from '../service-command.ts';
import { wildcardKeys } from '../wildcard-keys.ts';

export class CatCommand extends ServiceCommand {
  static override paths = [['cat']];
  static override usage = Command.Usage({
    description: 'Write objects to standard output',
    examples: [
      ['One', 's3 cat s3://my-bucket/log.txt'],
      ['Several, one after the other', "s3 cat 's3://my-bucket/logs/2026-11-*.txt'"],
      ['The first hundred bytes', 's3 cat --range 0-99 s3://my-bucket/log.txt'],
    ],
  });

  range = Option.String('--range', {
    description: 'only these bytes: FIRST-LAST, counted from 0, or FIRST-',
  });
  given = options(...connectionOptions, ...outputOptions, 'literal', 'version-id');
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { signal } = this;
    const versionId = this.given['version-id'];
    const range = this.#range();
    const reading = {
      signal,
      ...(versionId === undefined ? {} : { params: { versionId } }),
      ...(range && { range }),
    };
    await inTurn(() => this.each(this.uris, (uri) => this.#write(uri, storage, reading)));
  }

  async #write(uri: string, storage: Storage, reading: ReadStreamOptions): Promise<void> {
    const location = this.locateRemote(uri, storage);
    const { bucket, key } = location;
    if (location.wildcard === undefined) {
      this.locateObject(uri, storage);
      await writeObject(storage, new S3Name(key, bucket), this.context.stdout, reading);
      return;
    }
    let found = 0;
    for await (const { entry } of wildcardKeys(storage, location, this.signal)) {
      found++;
      await writeObject(storage, new S3Name(entry.key, bucket), this.context.stdout, reading);
    }
    if (found === 0) this.meansNothing(uri);
  }

  #range(): { start: number; end?: number } | undefined {
    if (this.range === undefined) return undefined;
    const [, first, last = ''] = /^(\d+)-(\d*)$/.exec(this.range) ?? [];
    if (first === undefined)
      throw new UsageError(`--range is FIRST-LAST or FIRST-, not ${JSON.stringify(this.range)}`);
    return { start: Number(first), ...(last === '' ? {} : { end: Number(last) }) };
  }
}
