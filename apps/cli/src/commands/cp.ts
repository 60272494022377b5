import { mkdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { S3Name, type Storage } from '@s3kit/core';
import { carryOut, type Place, plan, sync, type TransferAction } from '@s3kit/sync';
import { Command, Option, UsageError } from 'clipanion';
import { writeObject } from '../byte-output.ts';
import { headersOf } from '../headers.ts';
import { localNameOf } from '../local-name.ts';
import {
  connectionOptions,
  headerOptions,
  outputOptions,
  selectionOptions,
  sourceOptions,
  transferOptions,
} from '../option-table.ts';
import { options } from '../options.ts';
import { ProgressDisplay } from '../progress.ts';
import { type LocalLocation, type Location, type S3Location, uriOf } from '../s3-uri.ts';
import { guessedType, syncOptionsOf } from '../sync-events.ts';
import { linesOf } from '../text-input.ts';
import { TransferCommand } from '../transfer-command.ts';

abstract class CopyingCommand extends TransferCommand {
  given = options(
    ...connectionOptions,
    ...sourceOptions,
    ...outputOptions,
    ...transferOptions,
    ...selectionOptions,
    ...headerOptions,
    'version-id',
    'if-match',
    'files-from',
  );
  names = Option.Rest({ name: 'source... destination', required: 2 });
  abstract readonly moves: boolean;

  override async run(): Promise<undefined> {
    const target = this.locate(this.names.at(-1) ?? '');
    const sources = this.names.slice(0, -1);
    if (target.kind === 's3' && target.wildcard !== undefined)
      throw new UsageError('a destination has no wildcard; --literal takes * and ? as they are');
    const from = this.given['files-from'];
    if (from !== undefined) return this.#named(sources, from, target);
    if (sources.length > 1 && !isFolder(target))
      throw new UsageError('several sources go into a folder: end the destination with a slash');
    for (const source of sources) await this.#send(this.locate(source), target);
  }

  /** The files of a list: each below the source. */
  async #named(sources: readonly string[], list: string, target: Location): Promise<undefined> {
    const [base, ...others] = sources;
    if (base === undefined || others.length > 0 || target.kind === 'stream')
      throw new UsageError('--files-from takes one source folder, and a destination');
    for await (const name of linesOf(list)) {
      const source = this.locate(`${base.replace(/\/$/, '')}/${name}`);
      const inside =
        target.kind === 's3'
          ? { ...target, key: joined(target.key, name) }
          : { ...target, path: join(target.path, name) };
      try {
        if (name.split('/').includes('..')) throw new UsageError(`${name} leads out of ${base}`);
        await this.#one(source, inside);
      } catch (error) {
        this.signal.throwIfAborted();
        this.output.fail(error, `${base}/${name}`);
      }
    }
    return undefined;
  }

  async #send(source: Location, target: Location): Promise<void> {
    const many = this.given.recursive || (source.kind === 's3' && source.wildcard !== undefined);
    if (!many) return this.#one(source, await this.#destinationOf(source, target));
    if (source.kind === 'stream' || target.kind === 'stream')
      throw new UsageError('many files cannot come from, or go to, -');
    if (source.kind === 'local' && target.kind === 'local') throw onlyLocal();
    const services = await this.services();
    const sides = {
      source: this.place(source, services.source),
      destination: this.place(target, services.destination),
    };
    const syncing = {
      ...(await syncOptionsOf(this.given, this.signal)),
      compare: 'always' as const,
      move: this.moves,
    };
    const wildcard = source.kind === 's3' ? source.wildcard : undefined;
    const events =
      wildcard === undefined
        ? sync(sides.source, sides.destination, syncing)
        : carryOut(this.#meant(sides, wildcard, syncing), sides.source, sides.destination, syncing);
    const counts = await this.tell(events, sides);
    const { files, failed, skipped, unchanged = 0 } = counts;
    if (files + failed + skipped + unchanged === 0) {
      const name = source.kind === 's3' ? uriOf(source.bucket, source.key) : source.path;
      this.output.fail(new Error(`${name}: there is nothing of that name`), name, true);
    }
  }

  /** The actions for what a wildcard means. */
  async *#meant(
    { source, destination }: { source: Place; destination: Place },
    wildcard: NonNullable<S3Location['wildcard']>,
    syncing: Awaited<ReturnType<typeof syncOptionsOf>>,
  ): AsyncGenerator<TransferAction> {
    // Folders that nothing can be meant in are not listed.
    const rules = [{ exclude: '*' }, { include: `/${wildcard.pattern}` }];
    const given = (syncing.filter?.rules ?? []).filter((rule) => 'exclude' in rule);
    const filter = { ...syncing.filter, rules: [...rules, ...given] };
    for await (const action of plan(source, destination, { ...syncing, filter, compare: 'always' })) {
      if (!wildcard.matches(action.name)) continue;
      if (action.kind === 'skip') this.output.skip(action.name, action.detail);
      else if (action.kind !== 'delete') yield action;
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
    const { given, output, signal } = this;
    const [from, to] = [labelOf(source), labelOf(target)];
    const kind = this.moves
      ? 'move'
      : source.kind !== 's3'
        ? 'upload'
        : target.kind === 's3'
          ? 'copy'
          : 'download';
    const display =
      given['dry-run'] || target.kind === 'stream'
        ? undefined
        : await ProgressDisplay.open(output, this.environment, given['no-progress']);
    let bytes = 0;
    try {
      const watch = ({ transferred, total }: { transferred: number; total: number | undefined }): void => {
        bytes = transferred;
        display?.update({ bytes: transferred, total, files: 0 });
      };
      const services = await this.services();
      if (given['dry-run']) bytes = await this.#sizeOf(source, services.source);
      else bytes = (await this.#transfer(source, target, services, watch)) ?? bytes;
    } finally {
      display?.close();
    }
    if (target.kind === 'stream') return;
    const isPlanned = given['dry-run'];
    await output.done(
      {
        type: source.kind === 's3' ? 'object' : 'file',
        name: from,
        size: bytes,
        destination: to,
        status: isPlanned ? 'planned' : 'ok',
        action: kind,
      },
      `${isPlanned ? '(dry run) ' : ''}${kind}: ${from} to ${to}`,
    );
    const counts = { files: 1, bytes, failed: 0, skipped: 0 };
    const isWanted = isPlanned || process.stderr.isTTY === true;
    if (!output.isJson)
      await output.summary(counts, (performance.now() - started) / 1000, isPlanned, isWanted);
    signal.throwIfAborted();
  }

  /** Sends one file; gives its size where that is known otherwise than by its progress. */
  async #transfer(
    source: Location,
    target: Location,
    services: { source: Storage; destination: Storage },
    onProgress: (progress: { transferred: number; total: number | undefined }) => void,
  ): Promise<number | undefined> {
    const { given, signal } = this;
    const { concurrency, resume: journal, 'version-id': versionId } = given;
    const parts = { ...(concurrency === undefined ? {} : { concurrency }), onProgress };
    const params = versionId === undefined ? {} : { versionId };
    if (target.kind === 's3') {
      const name = new S3Name(target.key, target.bucket);
      const headers = { ...this.#typeOf(target), ...headersOf(given), ...this.#conditions() };
      if (source.kind === 's3') return this.#copy(source, target, services, headers, onProgress);
      if (source.kind === 'stream') {
        await services.destination.write(process.stdin, name, { ...parts, headers, signal });
        return undefined;
      }
      const { size, mtimeMs, mode } = await stat(source.path);
      const kept = given.preserve
        ? { 'x-amz-meta-mtime': String(mtimeMs / 1000), 'x-amz-meta-mode': mode.toString(8) }
        : {};
      await services.destination.write(source.path, name, {
        ...parts,
        journal,
        headers: { ...kept, ...headers },
        signal,
      });
      if (this.moves) await unlink(source.path);
      return size;
    }
    if (source.kind !== 's3') throw onlyLocal();
    const name = new S3Name(source.key, source.bucket);
    if (target.kind === 'stream')
      return writeObject(services.source, name, this.context.stdout, { params, signal });
    if (given['no-clobber'] && (await isThere(target.path))) return 0;
    await mkdir(dirname(target.path), { recursive: true });
    await services.source.read(name, target.path, { ...parts, journal, params, signal });
    if (this.moves) await services.source.delete(name, { signal });
    return (await stat(target.path)).size;
  }

  async #copy(
    source: S3Location,
    target: S3Location,
    services: { source: Storage; destination: Storage },
    headers: Readonly<Record<string, string>>,
    onProgress: (progress: { transferred: number; total: number | undefined }) => void,
  ): Promise<number> {
    const { signal } = this;
    const from = new S3Name(source.key, source.bucket);
    const to = new S3Name(target.key, target.bucket);
    const size = await this.#sizeOf(source, services.source);
    const versionId = this.given['version-id'];
    if (services.source === services.destination && versionId === undefined) {
      const { 'content-type': type, ...others } = headers;
      const isTold = this.given['content-type'] !== undefined;
      await services.destination.copy(from, to, {
        headers: isTold && type !== undefined ? headers : others,
        signal,
      });
    } else {
      // Two services: through this machine.
      const {
        body,
        metadata,
        headers: had,
      } = await services.source.readStream(from, {
        signal,
        ...(versionId === undefined ? {} : { params: { versionId } }),
      });
      const type = had['content-type'] === undefined ? {} : { 'content-type': had['content-type'] };
      await services.destination.write(body, to, {
        headers: { ...metadata, ...type, ...headers },
        expectedSize: size,
        onProgress,
        signal,
      });
    }
    if (this.moves) await services.source.delete(from, { signal });
    return size;
  }

  #typeOf({ key }: S3Location): Readonly<Record<string, string>> {
    return this.given['no-guess-mime-type'] ? {} : guessedType(key);
  }

  #conditions(): Readonly<Record<string, string>> {
    const eTag = this.given['if-match'];
    if (this.given['no-clobber']) return { 'if-none-match': '*' };
    return eTag === undefined ? {} : { 'if-match': eTag };
  }

  async #sizeOf(source: Location, storage: Storage): Promise<number> {
    if (source.kind === 'stream') return 0;
    if (source.kind === 'local') return (await stat(source.path)).size;
    const { bucket, key } = source;
    return (await storage.head(new S3Name(key, bucket), { signal: this.signal })).size;
  }
}

export class CpCommand extends CopyingCommand {
  static override paths = [['cp']];
  static override usage = Command.Usage({
    description: 'Copy files to, from and within S3',
    details: `
      From and to s3:// URIs, local paths, and - for standard input and output. A destination that ends in a slash is a folder. With
      --recursive, what is in the source folder goes into the destination folder.
    `,
    examples: [
      ['One up, one down', 's3 cp may.pdf s3://my-bucket/reports/'],
      ['A folder', 's3 cp -r photos s3://my-bucket/photos'],
      ['By a wildcard', "s3 cp 's3://my-bucket/reports/*.pdf' ."],
      ['Standard input', 'tar cz . | s3 cp - s3://my-bucket/backup.tgz'],
      ['Nothing that is there is replaced', 's3 cp --no-clobber may.pdf s3://my-bucket/'],
      ['A list of files', 's3 cp --files-from list.txt photos s3://my-bucket/photos/'],
      ['Between two services', 's3 cp -r s3://old s3://new --source-profile old --profile new'],
    ],
  });
  readonly moves = false;
}

export class MvCommand extends CopyingCommand {
  static override paths = [['mv']];
  static override usage = Command.Usage({
    description: 'Move files to, from and within S3',
    details: 'As cp does it; what has arrived is deleted from the source.',
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

function needsName(): never {
  throw new UsageError('what comes from standard input needs a name: the destination ends in a slash');
}

function labelOf(location: Location): string {
  if (location.kind === 'stream') return '-';
  return location.kind === 's3' ? uriOf(location.bucket, location.key) : location.path;
}

function joined(prefix: string, name: string): string {
  return prefix === '' || prefix.endsWith('/') ? `${prefix}${name}` : `${prefix}/${name}`;
}

function onlyLocal(): UsageError {
  return new UsageError('one of the two is to be an s3:// URI');
}

async function isExistingFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
