import { S3Name, type S3Version, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { countOf, options } from '../options.ts';
import { localTime, shownBytes } from '../quantities.ts';
import { type S3Location, uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { nameOf, versionFields, versionsBelow } from '../versions.ts';

abstract class VersionsCommand extends ServiceCommand {
  given = options(
    ...connectionOptions,
    ...outputOptions,
    'literal',
    'recursive',
    'dry-run',
    'human-readable',
  );

  /** The versions of one key, or, where it is a folder's or a wildcard's, of many. */
  async *versionsOf(storage: Storage, location: S3Location): AsyncGenerator<S3Version> {
    const { bucket, key, wildcard } = location;
    for await (const version of versionsBelow(storage, bucket, key, this.signal)) {
      const isMany = this.given.recursive || key === '' || key.endsWith('/');
      if (
        wildcard === undefined
          ? isMany || version.key === key
          : wildcard.matches(version.key.slice(wildcard.folder.length))
      )
        yield version;
    }
  }

  async remove(storage: Storage, bucket: string, version: S3Version, verb: string): Promise<void> {
    const isPlanned = this.given['dry-run'];
    const { key, versionId } = version;
    const name = uriOf(bucket, key);
    if (!isPlanned) await storage.delete(nameOf(bucket, version), { versionId, signal: this.signal });
    await this.output.done(
      { ...versionFields(version), name, action: verb, status: isPlanned ? 'planned' : 'ok' },
      `${verb}: ${name} (version ${versionId})`,
    );
  }
}

class VersionsListCommand extends VersionsCommand {
  static override paths = [
    ['versions', 'list'],
    ['versions', 'ls'],
  ];
  static override usage = Command.Usage({
    description: 'List the versions of an object, or of all below a folder',
    examples: [
      ['One', 's3 versions list s3://my-bucket/a.txt'],
      ['All of a bucket', 's3 versions list s3://my-bucket'],
    ],
  });
  uri = Option.String({ name: 'uri' });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const location = this.locateRemote(this.uri, storage);
    let found = 0;
    for await (const version of this.versionsOf(storage, location)) {
      found++;
      const { key, versionId, isLatest, isDeleteMarker, bytes, modifiedAt } = version;
      const shown = isDeleteMarker ? 'DELETED' : shownBytes(bytes, this.given['human-readable']);
      await this.output.result(
        { ...versionFields(version), name: uriOf(location.bucket, key) },
        `${localTime(modifiedAt)} ${shown.padStart(10)} ${isLatest ? '*' : ' '} ${versionId} ${key}`,
      );
    }
    if (found === 0 && location.key !== '') this.meansNothing(this.uri, 'there is no version of it');
  }
}

class VersionsRestoreCommand extends VersionsCommand {
  static override paths = [['versions', 'restore']];
  static override usage = Command.Usage({
    description: 'Make an old version the newest again, by a copy of it',
    examples: [['A version', 's3 versions restore s3://my-bucket/a.txt VERSION_ID']],
  });
  uri = Option.String({ name: 'uri' });
  versionId = Option.String({ name: 'version_id' });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { bucket, key } = this.locateObject(this.uri, storage);
    const object = new S3Name(key, bucket);
    await storage.copy(object, object, { sourceVersionId: this.versionId, signal: this.signal });
    const name = uriOf(bucket, key);
    await this.output.done(
      { type: 'version', name, size: null, versionId: this.versionId },
      `restore: ${name} (version ${this.versionId})`,
    );
  }
}

class VersionsUndeleteCommand extends VersionsCommand {
  static override paths = [['versions', 'undelete']];
  static override usage = Command.Usage({
    description: 'Bring back what was deleted, by taking away the markers on top',
    examples: [
      ['One', 's3 versions undelete s3://my-bucket/a.txt'],
      ['All below a folder', 's3 versions undelete s3://my-bucket/logs/'],
    ],
  });
  uri = Option.String({ name: 'uri' });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const location = this.locateRemote(this.uri, storage);
    let found = 0;
    for await (const version of this.versionsOf(storage, location)) {
      if (!version.isDeleteMarker || !version.isLatest) continue;
      found++;
      await this.remove(storage, location.bucket, version, 'undelete');
    }
    if (found === 0) this.meansNothing(this.uri, 'nothing of that name is deleted');
  }
}

class VersionsRemoveOldCommand extends VersionsCommand {
  static override paths = [['versions', 'remove-old']];
  static override usage = Command.Usage({
    description: 'Delete the versions that are not the newest',
    examples: [['Told beforehand', 's3 versions remove-old --dry-run s3://my-bucket/logs/']],
  });
  keep = Option.String('--keep', '0', {
    description: 'so many old versions of each object stay; default: 0',
  });
  uri = Option.String({ name: 'uri' });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const location = this.locateRemote(this.uri, storage);
    const keep = countOf('--keep', this.keep);
    let key: string | undefined;
    let old = 0;
    for await (const version of this.versionsOf(storage, location)) {
      if (version.key !== key) old = 0;
      key = version.key;
      if (version.isLatest) continue;
      old++;
      if (old > keep) await this.remove(storage, location.bucket, version, 'delete');
    }
  }
}

export const versionsCommands = [
  VersionsListCommand,
  VersionsRestoreCommand,
  VersionsUndeleteCommand,
  VersionsRemoveOldCommand,
];
