import type { S3Call, Storage } from '@s3kit/core';
import { buildXml } from '@s3kit/xml';
import { Command, Option } from 'clipanion';
import { ask, documentIn, elementsOf, textOf } from '../ask.ts';
import { documentBody } from '../document-body.ts';
import { pairsOf } from '../headers.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

abstract class TagCommand extends ServiceCommand {
  given = options(...connectionOptions, ...outputOptions, 'literal', 'version-id');
  uri = Option.String({ name: 'uri' });

  /** An object, or a bucket where the URI has no key. */
  target(storage: Storage): { name: string; call: (method: 'GET' | 'PUT' | 'DELETE') => S3Call } {
    const location = this.locateRemote(this.uri, storage);
    const { bucket, key } = location.key === '' ? location : this.locateObject(this.uri, storage);
    const versionId = this.given['version-id'];
    return {
      name: uriOf(bucket, key),
      call: (method) => ({
        method,
        bucket,
        ...(key === '' ? {} : { key }),
        query: { tagging: '', ...(versionId === undefined ? {} : { versionId }) },
        signal: this.signal,
      }),
    };
  }
}

class TagGetCommand extends TagCommand {
  static override paths = [
    ['tag', 'get'],
    ['tag', 'list'],
  ];
  static override usage = Command.Usage({
    description: 'Show the tags of an object or a bucket',
    examples: [['Of an object', 's3 tag get s3://my-bucket/a.txt']],
  });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { name, call } = this.target(storage);
    const response = await ask(storage, 'GetObjectTagging', call('GET'));
    const tagging = documentIn(response, 'Tagging', ['TagSet/Tag']);
    const set = tagging['TagSet'];
    const tags = elementsOf(typeof set === 'object' ? (set as typeof tagging) : {}, 'Tag').map((tag) => [
      textOf(tag, 'Key'),
      textOf(tag, 'Value'),
    ]);
    if (this.output.isJson)
      return this.output.result({
        type: 'object',
        name,
        size: null,
        tags: Object.fromEntries(tags) as unknown,
      }) as Promise<undefined>;
    for (const [key, value] of tags) await this.output.line(`${key}=${value}`);
  }
}

class TagSetCommand extends TagCommand {
  static override paths = [['tag', 'set']];
  static override usage = Command.Usage({
    description: 'Replace the tags of an object or a bucket',
    examples: [['Two tags', 's3 tag set s3://my-bucket/a.txt state=done owner=ann']],
  });
  pairs = Option.Rest({ name: 'name=value', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { name, call } = this.target(storage);
    const tags = pairsOf('tag set', this.pairs).map(([key, value]) => ({ Tag: { Key: key, Value: value } }));
    const body = documentBody(buildXml({ Tagging: { TagSet: tags } }));
    await ask(storage, 'PutObjectTagging', { ...call('PUT'), ...body });
    await this.output.done({ type: 'object', name, size: null }, `tag: ${name}`);
  }
}

class TagDeleteCommand extends TagCommand {
  static override paths = [
    ['tag', 'delete'],
    ['tag', 'rm'],
  ];
  static override usage = Command.Usage({
    description: 'Delete all tags of an object or a bucket',
    examples: [['Of an object', 's3 tag delete s3://my-bucket/a.txt']],
  });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { name, call } = this.target(storage);
    await ask(storage, 'DeleteObjectTagging', call('DELETE'));
    await this.output.done({ type: 'object', name, size: null }, `untag: ${name}`);
  }
}

export const tagCommands = [TagGetCommand, TagSetCommand, TagDeleteCommand];
