import { entries, entryFilter, isProblem, remote } from '@s3kit/sync';
import { Command, Option } from 'clipanion';
import { connectionOptions, outputOptions, selectionOptions } from '../option-table.ts';
import { countOf, options } from '../options.ts';
import { humanBytes, shownBytes } from '../quantities.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { filterOf } from '../sync-events.ts';

interface Sum {
  bytes: number;
  objects: number;
}

const barLength = 20;

export class DuCommand extends ServiceCommand {
  static override paths = [['du']];
  static override usage = Command.Usage({
    description: 'Add up what folders hold',
    details:
      'On a terminal, the largest first, with bars; elsewhere bytes, objects and the name, with tabs between them, by name.',
    examples: [
      ['A bucket, by its folders', 's3 du s3://my-bucket'],
      ['Two levels', 's3 du --depth 2 s3://my-bucket/logs/'],
      ['Only the sum', 's3 du --depth 0 -H s3://my-bucket'],
    ],
  });

  depth = Option.String('--depth', '1', {
    description: 'levels of folders that are told one by one; default: 1',
  });
  given = options(...connectionOptions, ...outputOptions, ...selectionOptions, 'human-readable', 'literal');
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const depth = countOf('--depth', this.depth);
    await this.each(this.uris, async (uri) => {
      const { bucket, key } = this.withoutWildcard(this.locateRemote(uri, storage, true), uri);
      const place = remote(storage, bucket, key);
      const sums = new Map<string, Sum>([['', { bytes: 0, objects: 0 }]]);
      const filter = await filterOf(this.given);
      const { rules = [] } = filter;
      const isIn = entryFilter(filter);
      for await (const item of entries(place, { rules, folders: true, signal: this.signal })) {
        if (isProblem(item) || !isIn(item)) continue;
        for (const folder of foldersOf(item.name, depth)) {
          const sum = sums.get(folder) ?? { bytes: 0, objects: 0 };
          sums.set(folder, { bytes: sum.bytes + item.size, objects: sum.objects + 1 });
        }
      }
      const total = sums.get('')?.bytes ?? 0;
      if (key !== '' && sums.get('')?.objects === 0)
        this.meansNothing(uri, 'there is nothing below this name');
      for (const [folder, sum] of this.#ordered(sums))
        await this.#tell(uriOf(bucket, place.prefix + folder), folder, sum, total);
    });
  }

  #ordered(sums: ReadonlyMap<string, Sum>): readonly (readonly [string, Sum])[] {
    const all = [...sums];
    if (!this.output.isTerminal || this.output.isJson) return all;
    const sizeOf = (folder: string): number => sums.get(folder)?.bytes ?? 0;
    // Siblings by size; what is inside stands below what it is inside of.
    const path = (folder: string): readonly string[] =>
      folder
        .split('/')
        .slice(0, -1)
        .map((_, index, parts) => `${parts.slice(0, index + 1).join('/')}/`);
    return all.sort(([a], [b]) => {
      const [left, right] = [path(a), path(b)];
      const at = left.findIndex((one, index) => one !== right[index]);
      if (at < 0) return left.length - right.length;
      const [mine = '', theirs] = [left[at], right[at]];
      return theirs === undefined ? 1 : sizeOf(theirs) - sizeOf(mine) || (mine < theirs ? -1 : 1);
    });
  }

  #tell(name: string, folder: string, { bytes, objects }: Sum, total: number): Promise<void> | undefined {
    const { output } = this;
    const result = { type: 'prefix', name, size: bytes, objects } as const;
    if (!output.isTerminal) {
      const size = shownBytes(bytes, this.given['human-readable']);
      return output.result(result, `${size}\t${objects}\t${name}`);
    }
    const filled = total === 0 ? 0 : Math.round((bytes / total) * barLength);
    const bar = '\u2588'.repeat(filled) + '\u2591'.repeat(barLength - filled);
    const level = folder.split('/').length - 1;
    const shown = folder === '' ? name : `${'  '.repeat(level)}${folder.split('/').at(-2)}/`;
    return output.result(
      result,
      `${humanBytes(bytes).padStart(11)} ${String(objects).padStart(9)} ${bar} ${shown}`,
    );
  }
}

/** The folders that a name lies in, from the top, to a depth. */
function foldersOf(name: string, depth: number): readonly string[] {
  const folders = [''];
  for (
    let slash = name.indexOf('/');
    slash >= 0 && folders.length <= depth;
    slash = name.indexOf('/', slash + 1)
  )
    folders.push(name.slice(0, slash + 1));
  return folders;
}
