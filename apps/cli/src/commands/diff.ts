import { plan } from '@s3kit/sync';
import { Command, Option, UsageError } from 'clipanion';
import { listedFilter } from '../listed.ts';
import {
  connectionOptions,
  headerOptions,
  outputOptions,
  selectionOptions,
  sourceOptions,
  transferOptions,
} from '../option-table.ts';
import { options } from '../options.ts';
import { filterOf, fullName } from '../sync-events.ts';
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

  given = options(
    ...connectionOptions,
    ...sourceOptions,
    ...outputOptions,
    ...transferOptions,
    ...selectionOptions,
    ...headerOptions,
    'checksum',
    'size-only',
    'files-from',
    'from0',
  );
  first = Option.String({ name: 'first' });
  second = Option.String({ name: 'second' });

  override async run(): Promise<number> {
    const { given, output, signal } = this;
    const from = this.withoutWildcard(this.locate(this.first), this.first);
    const to = this.withoutWildcard(this.locate(this.second), this.second);
    if (from.kind === 'stream' || to.kind === 'stream')
      throw new UsageError('two places are compared, not -');
    if (from.kind === 'local' && to.kind === 'local')
      throw new UsageError('one of the two is to be an s3:// URI');
    const services = await this.services();
    const source = this.place(from, services.source);
    const destination = this.place(to, services.destination);
    const compare = given.checksum ? 'checksum' : given['size-only'] ? 'size' : 'modified';
    let differences = 0;
    const actions = plan(source, destination, {
      filter: await listedFilter(given, source, await filterOf(given)),
      compare,
      delete: true,
      signal,
    });
    for await (const action of actions) {
      if (action.kind === 'skip') {
        output.skip(fullName(source, action.name), action.detail);
        continue;
      }
      differences++;
      const mark = action.kind === 'delete' ? '>' : action.destination === undefined ? '<' : '!';
      const name = fullName(mark === '>' ? destination : source, action.name);
      await output.result(
        { type: 'object', name, size: action.size, difference: mark, reason: action.reason },
        `${mark} ${action.name}`,
      );
    }
    return differences > 0 ? 1 : output.status;
  }
}
