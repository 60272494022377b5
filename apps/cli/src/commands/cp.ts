import { lstat, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Action, carryOut, type Place, plan, type SyncEvent, type SyncOptions, sync } from '@s3kit/sync';
import { Command, Option, UsageError } from 'clipanion';
import { innerFolder, outsideOf } from '../inner-folder.ts';
import { listedActions, listedNames } from '../listed.ts';
import { localNameOf } from '../local-name.ts';
import { sendFile } from '../one-file.ts';
import { manyFilesOptions } from '../option-table.ts';
import { options } from '../options.ts';
import type { Counts } from '../output.ts';
import { ProgressDisplay } from '../progress.ts';
import { baseName, type LocalLocation, type Location, labelOf, type S3Location } from '../s3-uri.ts';
import { isSelecting, syncOptionsOf } from '../sync-events.ts';
import { TransferCommand } from '../transfer-command.ts';

abstract class CopyingCommand extends TransferCommand {
  given = options(...manyFilesOptions, 'version-id', 'if-match', 'files-from', 'from0');
  sources = Option.Rest({ name: 'source', required: 1 });
  destination = Option.String({ name: 'destination' });
  abstract readonly moves: boolean;
  /** Where there are several sources: the names in the destination that one of them has. */
  readonly #names = new Map<string, string>();

  override async run(): Promise<undefined> {
    const { sources } = this;
    const target = this.locate(this.destination);
    if (target.kind === 's3' && target.wildcard !== undefined)
      throw new UsageError('a destination has no wildcard; --literal takes * and ? as they are');
    const isList = this.given['files-from'] !== undefined;
    if (isList && sources.length > 1) throw new UsageError('--files-from takes one source folder');
    if (sources.length > 1 && !isFolder(target))
      throw new UsageError('several sources go into a folder: end the destination with a slash');
    const sendings = new Map<string, () => Promise<void>>();
    for (const source of sources) sendings.set(source, await this.#prepare(source, target));
    await this.each(sources, async (source) => sendings.get(source)?.());
  }

  /** What sends a source; what is wrong with the command line is found before anything is sent. */
  async #prepare(label: string, target: Location): Promise<() => Promise<void>> {
    const source = this.locate(label);
    const { given } = this;
    const isMany = given.recursive || wildcardOf(source) !== undefined || given['files-from'] !== undefined;
    if (isMany || this.sources.length > 1)
      for (const option of ['if-match', 'version-id'] as const)
        if (given[option] !== undefined)
          throw new UsageError(`--${option} is of one object: it cannot be that of many files`);
    if (isMany) return () => this.#many(label, source, target);
    await this.#checkOne(label, source);
    if (given['no-follow-symlinks'] && source.kind === 'local' && (await isLink(source.path)))
      return async () => this.output.skip(label, 'it is a symbolic link');
    const destination = await this.#destinationOf(source, target);
    const other = this.sources.length > 1 ? this.#taken(nameIn(destination), label) : undefined;
    if (other !== undefined)
      throw new UsageError(
        `${other} and ${label} would both become ${labelOf(destination)}, and one of them would be lost`,
      );
    return () => this.#one(source, destination);
  }

  /** Takes a name in the destination for a source; gives another source that has it already. */
  #taken(name: string, label: string): string | undefined {
    const other = this.#names.get(name) ?? label;
    this.#names.set(name, other);
    return other === label ? undefined : other;
  }

  /** Refuses what is no single file, and options of many. */
  async #checkOne(label: string, source: Location): Promise<void> {
    if (source.kind === 's3' && source.key === '')
      throw new UsageError(`${label} is a bucket: add --recursive for what is in it`);
    if (source.kind === 'local' && (await isExistingFolder(source.path)))
      throw new UsageError(`${label} is a folder: add --recursive for what is in it`);
    if (isSelecting(this.given))
      throw new UsageError(`${label}: --include, --older and the like are for many files`);
    if (this.given.from0) throw new UsageError('--from0 is of --files-from');
  }

  async #many(label: string, source: Location, target: Location): Promise<void> {
    const { given } = this;
    const wildcard = wildcardOf(source);
    const isList = given['files-from'] !== undefined;
    const sides = await this.sidesOf(source, target, 'many files cannot come from, or go to, -');
    const shared = await syncOptionsOf(given, sides.source, this.signal);
    const syncing = { ...shared, compare: 'always' as const, move: this.moves };
    // Of a wildcard or a list, nobody knows beforehand how much that is.
    const planning = wildcard === undefined && !isList ? syncing : undefined;
    const events = await this.#events(label, sides, wildcard, syncing);
    await this.tell(events, sides, planning, (counts) => this.#orNothing(counts, label, source));
  }

  /** The counts; that they are of nothing can be a failure, and is told of. */
  async #orNothing(counts: Counts, label: string, source: Location): Promise<Counts> {
    const { files, failed, skipped, unchanged = 0 } = counts;
    // A folder can be empty, and a filter can leave nothing; that there is nothing of a name is another thing.
    const isList = this.given['files-from'] !== undefined;
    if (files + failed + skipped + unchanged > 0 || isList || isSelecting(this.given)) return counts;
    if (source.kind !== 's3') return counts;
    const { source: service } = await this.services();
    if (source.wildcard === undefined) await this.meansNothingBelow(service, source, label);
    else this.meansNothing(label);
    return { ...counts, failed: 1 };
  }

  /** What is done with many files: those of a folder, of a wildcard, or of a list. */
  async #events(
    label: string,
    sides: { source: Place; destination: Place },
    wildcard: S3Location['wildcard'],
    syncing: SyncOptions,
  ): Promise<AsyncIterable<SyncEvent>> {
    const { given, signal } = this;
    const { source, destination } = sides;
    const isList = given['files-from'] !== undefined;
    const isOneOfSeveral = this.sources.length > 1;
    if (wildcard === undefined && !isList && !isOneOfSeveral)
      return sync(source, destination, { ...syncing, ...(await this.journalOf(sides)) });
    if (this.isResuming)
      throw new UsageError(
        '--resume is for one file or one folder, not for a wildcard, a list or several folders',
      );
    // A list takes in nothing of what is sent, nor does a wildcard that does not mean the folder that it is sent to.
    const inner = innerFolder(sides);
    const isFixed = isList || (inner !== undefined && wildcard?.reaches(inner) === false);
    const outer = isFixed ? outsideOf(inner, syncing) : syncing;
    const names = isList ? listedNames(given, source) : undefined;
    const actions =
      names === undefined
        ? this.#meant(sides, wildcard, outer)
        : listedActions(names, sides, outer.filter ?? {}, signal);
    return carryOut(
      isOneOfSeveral ? this.#withoutTaken(actions, label) : actions,
      source,
      destination,
      outer,
    );
  }

  /** The actions for what is in a folder, or for what a wildcard means. */
  async *#meant(
    { source, destination }: { source: Place; destination: Place },
    wildcard: S3Location['wildcard'],
    syncing: SyncOptions,
  ): AsyncGenerator<Action> {
    if (wildcard === undefined) return yield* plan(source, destination, syncing);
    // Folders that nothing can be meant in are not listed.
    const rules = [{ exclude: '*' }, { include: `/${wildcard.pattern}` }, ...(syncing.filter?.rules ?? [])];
    const filter = { ...syncing.filter, rules };
    for await (const action of plan(source, destination, { ...syncing, filter }))
      if (action.kind !== 'delete' && wildcard.matches(action.name)) yield action;
  }

  /** Fails what would replace something that another of the sources has sent, or is to send. */
  async *#withoutTaken(actions: AsyncIterable<Action>, label: string): AsyncGenerator<Action> {
    for await (const action of actions) {
      const { kind, name, size } = action;
      const isFolderMarker = name.endsWith('/') && size === 0;
      const other = kind === 'skip' || isFolderMarker ? undefined : this.#taken(name, label);
      if (other === undefined) yield action;
      else {
        const detail = `it would replace what comes from ${other}`;
        yield { kind: 'skip', name, size, reason: 'clash', detail, serious: true };
      }
    }
  }

  /** Where one file goes, when the destination is a folder. */
  async #destinationOf(source: Location, target: Location): Promise<Location> {
    if (target.kind === 'stream') return target;
    if (target.kind === 's3') {
      if (!isFolder(target)) return target;
      return { ...target, key: target.key + (source.kind === 'stream' ? needsName() : nameOf(source)) };
    }
    const isDirectory = target.path.endsWith('/') || (await isExistingFolder(target.path));
    if (!isDirectory) return target;
    return {
      kind: 'local',
      path: join(target.path, source.kind === 'stream' ? needsName() : nameOf(source)),
    };
  }

  async #one(source: Location, target: Location): Promise<void> {
    const started = performance.now();
    const { given, output, signal, moves } = this;
    const isPlanned = given['dry-run'];
    const [from, to] = [labelOf(source), labelOf(target)];
    const direction = target.kind !== 's3' ? 'download' : source.kind === 's3' ? 'copy' : 'upload';
    const services = await this.services();
    const display =
      isPlanned || target.kind === 'stream'
        ? undefined
        : await ProgressDisplay.open(output, this.environment, given['no-progress']);
    let bytes = 0;
    let size: number | null | undefined;
    try {
      size = await sendFile(source, target, {
        given,
        moves,
        services,
        // What the process reads is a stream, whatever clipanion calls it.
        stdout: this.context.stdout,
        onProgress: ({ transferred, total }) => {
          bytes = transferred;
          display?.update({ bytes: transferred, total, files: 0 });
        },
        signal,
      });
    } finally {
      display?.close();
    }
    if (target.kind === 'stream') return;
    if (size === null) return output.skip(from, `${to} is there already`);
    const kind = moves ? 'move' : direction;
    await output.done(
      {
        type: source.kind === 's3' ? 'object' : 'file',
        name: from,
        size: size ?? bytes,
        destination: to,
        status: isPlanned ? 'planned' : 'ok',
        action: kind,
      },
      `${kind}: ${from} to ${to}`,
    );
    const counts = { files: 1, bytes: size ?? bytes, failed: 0, skipped: 0 };
    const isWanted = isPlanned || process.stderr.isTTY === true;
    if (!output.isJson)
      await output.summary(counts, (performance.now() - started) / 1000, isPlanned, isWanted);
    signal.throwIfAborted();
  }
}

export class CpCommand extends CopyingCommand {
  static override paths = [['cp']];
  static override usage = Command.Usage({
    description: 'Copy files to, from and within S3',
    details: `
      From and to s3:// URIs, local paths, and - for standard input and output. A destination that ends in a slash is a folder. With
      --recursive, what is in the source folder goes into the destination folder; and what a wildcard means as a folder goes there with
      its name and all that is below it.
    `,
    examples: [
      ['One up, one down', 's3 cp may.pdf s3://my-bucket/reports/'],
      ['A folder', 's3 cp -r photos s3://my-bucket/photos'],
      ['By a wildcard', "s3 cp 's3://my-bucket/reports/*.pdf' ."],
      ['Folders by a wildcard', "s3 cp -r 's3://my-bucket/reports/2026-*' reports"],
      ['Standard input', 'tar cz . | s3 cp - s3://my-bucket/backup.tgz'],
      ['Nothing that is there is replaced', 's3 cp --no-clobber may.pdf s3://my-bucket/'],
      ['A list of files', 'find photos -newer mark -print0 | s3 cp --files-from - --from0 . s3://my-bucket'],
      ['Between two services', 's3 cp -r s3://old s3://new --source-profile old --profile new'],
    ],
  });
  readonly moves = false;
}

export class MvCommand extends CopyingCommand {
  static override paths = [['mv']];
  static override usage = Command.Usage({
    description: 'Move files to, from and within S3',
    details:
      'As cp does it; what has arrived is deleted from the source. One object within a directory bucket only gets another name.',
    examples: [
      ['Within a bucket', 's3 mv s3://my-bucket/a.txt s3://my-bucket/b.txt'],
      ['A folder up', 's3 mv -r logs s3://my-bucket/logs'],
    ],
  });
  readonly moves = true;
}

function isFolder(target: Location): boolean {
  if (target.kind === 's3') return target.key === '' || target.key.endsWith('/');
  return (
    target.kind === 'local' && (target.path.endsWith('/') || target.path === '.' || target.path === '..')
  );
}

function nameOf(source: LocalLocation | S3Location): string {
  const name = source.kind === 's3' ? localNameOf(source.key) : basename(source.path);
  if (name === undefined || name === '')
    throw new UsageError(`${labelOf(source)} gives no name for the copy: name one, or add --recursive`);
  return name;
}

/** The name of one file in its folder. */
function nameIn(destination: Location): string {
  if (destination.kind === 'stream') return '-';
  return destination.kind === 's3' ? baseName(destination.key) : basename(destination.path);
}

function wildcardOf(location: Location): S3Location['wildcard'] {
  return location.kind === 's3' ? location.wildcard : undefined;
}

function needsName(): never {
  throw new UsageError('what comes from standard input needs a name: the destination ends in a slash');
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

async function isExistingFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
