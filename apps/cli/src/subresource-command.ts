import { S3Name, type Storage } from '@s3kit/core';
import { Option } from 'clipanion';
import { connectionOptions, outputOptions } from './option-table.ts';
import { options } from './options.ts';
import { uriOf } from './s3-uri.ts';
import { ServiceCommand } from './service-command.ts';

/** What a command is about that an object and a bucket both have. */
export interface Subject {
  /** As it is told of. */
  readonly name: string;
  readonly type: 'object' | 'bucket';
  readonly bucket: string;
  /** Undefined where the bucket's own is meant. */
  readonly object: S3Name | undefined;
  readonly versionId: string | undefined;
}

/** A command for what belongs to an object, or to a bucket where the URI has no key. */
export abstract class SubresourceCommand extends ServiceCommand {
  given = options(...connectionOptions, ...outputOptions, 'literal', 'version-id');
  uri = Option.String({ name: 'uri' });

  subject(storage: Storage): Subject {
    const { bucket, key } = this.locateObjectOrBucket(this.uri, storage);
    return {
      name: uriOf(bucket, key),
      type: key === '' ? 'bucket' : 'object',
      bucket,
      object: key === '' ? undefined : new S3Name(key, bucket),
      versionId: this.given['version-id'],
    };
  }
}
