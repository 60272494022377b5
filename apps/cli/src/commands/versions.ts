import { S3Name, type S3Version, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { countOf, options } from '../options.ts';
import { localTime, shownBytes } from '../quantities.ts';
import { type S3Location, uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { deleteVersions, versionFields, versionsOf } from '../versions.ts';

abstract class VersionsCommand extends ServiceCommand {
  given = options(
    ...connectionOptions,
    ...outputOptions,
    'literal',
    'recursive',
    'dry-run',
    'human-readable',
  );

  versionsOf(storage: Storage, location: S3Location): AsyncGenerator<S3Version> {
    const { key } = location;
    const isFolder = this.given.recursive || key === '' || key.endsWith('/');
    return versionsOf(storage, location, isFolder, this.signal);
  }

  /** Deletes versions, or tells which they would be. */
  async remove(
    storage: Storage,
    bucket: string,
    versions: AsyncIterable<S3Version>,
    verb: string,
  ): Promise<number> {
    const { signal } = this;
    const isPlanned = this.given['dry-run'];
    let count = 0;
    for await (const { version, error } of deleteVersions(storage, bucket, versions, { isPlanned, signal })) {
      count++;
      const name = uriOf(bucket, version.key);
      if (error !== undefined) this.output.fail(error, name);
      else
        await this.output.done(
          { ...versionFields(version), name, action: verb, status: isPlanned ? 'planned' : 'ok' },
          `${verb}: ${name} (version ${version.versionId})`,
        );
    }
    return count;
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
    const { versionId, signal } = this;
    const isPlanned = this.given['dry-run'];
    // Of a version that is not there, a plan says so, too.
    const { size } = await storage.head(object, { versionId, signal });
    if (!isPlanned) await storage.copy(object, object, { sourceVersionId: versionId, signal });
    const name = uriOf(bucket, key);
    await this.output.done(
      { type: 'version', name, size, versionId, action: 'restore', status: isPlanned ? 'planned' : 'ok' },
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
    const versions = this.versionsOf(storage, location);
    const hopeless: string[] = [];
    const markers = markersOnTop(versions, (key) => hopeless.push(key));
    const found = await this.remove(storage, location.bucket, markers, 'undelete');
    for (const key of hopeless)
      this.meansNothing(
        uriOf(location.bucket, key),
        'it cannot be brought back: nothing but markers is left of it',
      );
    if (found + hopeless.length === 0) this.meansNothing(this.uri, 'nothing of that name is deleted');
  }
}

/**
 * The markers above the newest version of each key.
 *
 * @param tell - is told the keys that have no version below their markers
 */
async function* markersOnTop(
  versions: AsyncIterable<S3Version>,
  tell: (key: string) => void,
): AsyncGenerator<S3Version, void, undefined> {
  let key: string | undefined;
  let above: S3Version[] = [];
  let isBelow = false;
  const leave = (): void => {
    if (key !== undefined && above.length > 0) tell(key);
    above = [];
  };
  for await (const version of versions) {
    if (version.key !== key) {
      leave();
      ({ key } = version);
      isBelow = false;
    }
    if (version.isDeleteMarker && !isBelow) above.push(version);
    else {
      isBelow = true;
      yield* above;
      above = [];
    }
  }
  leave();
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
    const versions = this.versionsOf(storage, location);
    async function* beyondKept(): AsyncGenerator<S3Version> {
      let key: string | undefined;
      let old = 0;
      for await (const version of versions) {
        if (version.key !== key) old = 0;
        key = version.key;
        if (version.isLatest) continue;
        old++;
        if (old > keep) yield version;
      }
    }
    await this.remove(storage, location.bucket, beyondKept(), 'delete');
  }
}

export const versionsCommands = [
  VersionsListCommand,
  VersionsRestoreCommand,
  VersionsUndeleteCommand,
  VersionsRemoveOldCommand,
];
