import { sync } from '@s3kit/sync';
import { Command, Option } from 'clipanion';
import { listedFilter } from '../listed.ts';
import { manyFilesOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { comparisonOf, syncOptionsOf } from '../sync-events.ts';
import { TransferCommand } from '../transfer-command.ts';

export class SyncCommand extends TransferCommand {
  static override paths = [['sync']];
  static override usage = Command.Usage({
    description: 'Make a destination what a source is: send what is missing or differs',
    details: `
      Compares size and time, unless --checksum or --size-only. With --delete, what the source does not have is deleted last, and
      only if nothing failed; never because the source is empty. Patterns are those of .gitignore.
    `,
    examples: [
      ['A folder up', 's3 sync photos s3://my-bucket/photos'],
      ['What it would do', 's3 sync --dry-run --delete photos s3://my-bucket/photos'],
      ['Only pictures', "s3 sync photos s3://my-bucket/photos --exclude '*' --include '*.jpg'"],
      ['By content, with a guard', 's3 sync site s3://my-site --checksum --delete --max-delete 100'],
      ['The fourth of sixteen that share it', 's3 sync /data s3://my-bucket/data --shard 3/16'],
      ['Between two services', 's3 sync s3://old s3://new --source-config old.yaml --config new.yaml'],
    ],
  });

  given = options(
    ...manyFilesOptions,
    'delete',
    'max-delete',
    'allow-empty-source',
    'checksum',
    'size-only',
    'exact-timestamps',
    'shard',
    'files-from',
    'from0',
  );
  from = Option.String({ name: 'source' });
  to = Option.String({ name: 'destination' });

  override async run(): Promise<undefined> {
    const { given } = this;
    const from = this.withoutWildcard(this.locate(this.from), this.from);
    const to = this.withoutWildcard(this.locate(this.to), this.to);
    const sides = await this.sidesOf(from, to, 'a sync is of folders, not of -');
    const { 'max-delete': maximumDeletions } = given;
    const shared = await syncOptionsOf(given, sides.source, this.signal);
    const syncing = {
      ...shared,
      filter: await listedFilter(given, sides.source, shared.filter ?? {}),
      compare: comparisonOf(given),
      exactTimestamps: given['exact-timestamps'],
      ...(given.shard === undefined ? {} : { shard: given.shard }),
    };
    await this.tell(
      sync(sides.source, sides.destination, {
        ...syncing,
        delete: given.delete,
        allowEmptySource: given['allow-empty-source'],
        ...(maximumDeletions === undefined ? {} : { maximumDeletions }),
        ...(await this.journalOf(sides, given.shard)),
      }),
      sides,
      syncing,
    );
  }
}
