import { S3Key, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { describeKey, S3Command } from '../s3-command.ts';

export class ListCommand extends S3Command {
  static override paths = [['list']];
  static override usage = Command.Usage({
    description: 'List all files or list a single file and its metadata',
    details: 'With --verbose, each file has its time (UTC) and its size in bytes before its name.',
    examples: [
      ['All files', 's3 list'],
      ['One file and its metadata', 's3 list may.txt'],
    ],
  });

  listFile = Option.String({ name: 'list_file', required: false });

  override async run(storage: Storage): Promise<number> {
    return this.listFile === undefined ? this.#listAll(storage) : this.#listOne(storage, this.listFile);
  }

  async #listAll(storage: Storage): Promise<number> {
    const bucket = this.bucketOr(storage, undefined);
    for await (const entry of storage.bucketListKeys(bucket, { signal: this.context.signal })) {
      if (entry instanceof S3Key) await this.print(this.verbose ? describeKey(entry) : entry.key);
    }
    return 0;
  }

  async #listOne(storage: Storage, name: string): Promise<number> {
    const [exists, metadata] = await storage.exists(name, { signal: this.context.signal });
    if (!exists) {
      await this.print(`${name} NOT FOUND`);
      return 1;
    }
    await this.print(name);
    for (const [header, value] of Object.entries(metadata)) await this.print(`${header}: ${value}`);
    return 0;
  }
}
