import { plan } from '@s3kit/sync';
import { Command, Option } from 'clipanion';
import { listedFilter } from '../listed.ts';
import { manyFilesOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { comparisonOf, filterOf, toldNameOf } from '../sync-events.ts';
import { TransferCommand } from '../transfer-command.ts';

export class DiffCommand extends TransferCommand {
  static override paths = [['diff']];
  static override usage = Command.Usage({
    description: 'Tell how two places differ',
    details: `
      One line for each name: < only in the first, > only in the second, ! in both, but not the same. The status is 0 where they are the
      same, and 1 where they differ.
    `,
    examples: [
      ['A folder and what it was sent to', 's3 diff photos s3://my-bucket/photos'],
      ['By content', 's3 diff --checksum photos s3://my-bucket/photos'],
    ],
  });

  given = options(...manyFilesOptions, 'checksum', 'size-only', 'files-from', 'from0');
  first = Option.String({ name: 'first' });
  second = Option.String({ name: 'second' });

  override async run(): Promise<number> {
    const { given, output, signal } = this;
    const from = this.withoutWildcard(this.locate(this.first), this.first);
    const to = this.withoutWildcard(this.locate(this.second), this.second);
    const places = await this.sidesOf(from, to, 'two places are compared, not -');
    const { source, destination } = places;
    let differences = 0;
    const actions = plan(source, destination, {
      filter: await listedFilter(given, source, await filterOf(given)),
      compare: comparisonOf(given),
      folders: given.folders,
      preserve: given.preserve,
      delete: true,
      signal,
    });
    for await (const action of actions) {
      if (action.kind === 'skip') {
        output.skip(toldNameOf(action, places), action.detail);
        continue;
      }
      differences++;
      const mark = action.kind === 'delete' ? '>' : action.destination === undefined ? '<' : '!';
      await output.result(
        {
          type: 'object',
          name: toldNameOf(action, places),
          size: action.size,
          difference: mark,
          reason: action.reason,
        },
        `${mark} ${action.name}`,
      );
    }
    return differences > 0 ? 1 : output.status;
  }
}
