import type { TaggingDocument } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { pairsOf } from '../headers.ts';
import { SubresourceCommand } from '../subresource-command.ts';

class TagGetCommand extends SubresourceCommand {
  static override paths = [
    ['tag', 'get'],
    ['tag', 'list'],
  ];
  static override usage = Command.Usage({
    description: 'Show the tags of an object or a bucket',
    examples: [['Of an object', 's3 tag get s3://my-bucket/a.txt']],
  });

  override async run(): Promise<undefined> {
    const { signal, output } = this;
    const storage = await this.open();
    const { name, type, bucket, object, versionId } = this.subject(storage);
    const { Tagging } =
      object === undefined
        ? await storage.bucketGetTagging(bucket, { signal })
        : await storage.objectGetTagging(object, { signal, versionId });
    const tags = Object.fromEntries(Tagging.TagSet.Tag.map(({ Key, Value }) => [Key, Value]));
    if (output.isJson) await output.result({ type, name, size: null, tags });
    else for (const [key, value] of Object.entries(tags)) await output.line(`${key}=${value}`);
  }
}

class TagSetCommand extends SubresourceCommand {
  static override paths = [['tag', 'set']];
  static override usage = Command.Usage({
    description: 'Replace the tags of an object or a bucket',
    examples: [['Two tags', 's3 tag set s3://my-bucket/a.txt state=done owner=ann']],
  });
  pairs = Option.Rest({ name: 'name=value', required: 1 });

  override async run(): Promise<undefined> {
    const { signal } = this;
    const Tag = pairsOf('tag set', this.pairs).map(([Key, Value]) => ({ Key, Value }));
    const data: TaggingDocument = { Tagging: { TagSet: { Tag } } };
    const storage = await this.open();
    const { name, type, bucket, object, versionId } = this.subject(storage);
    if (object === undefined) await storage.bucketSetTagging(bucket, { data, signal });
    else await storage.objectSetTagging(object, { data, signal, versionId });
    await this.output.done({ type, name, size: null }, `tag: ${name}`);
  }
}

class TagDeleteCommand extends SubresourceCommand {
  static override paths = [
    ['tag', 'delete'],
    ['tag', 'rm'],
  ];
  static override usage = Command.Usage({
    description: 'Delete all tags of an object or a bucket',
    examples: [['Of an object', 's3 tag delete s3://my-bucket/a.txt']],
  });

  override async run(): Promise<undefined> {
    const { signal } = this;
    const storage = await this.open();
    const { name, type, bucket, object, versionId } = this.subject(storage);
    if (object === undefined) await storage.bucketDeleteTagging(bucket, { signal });
    else await storage.objectDeleteTagging(object, { signal, versionId });
    await this.output.done({ type, name, size: null }, `untag: ${name}`);
  }
}

export const tagCommands = [TagGetCommand, TagSetCommand, TagDeleteCommand];
