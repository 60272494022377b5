import type {
  Action,
  DeleteAction,
  SkipAction,
  SkipReason,
  TransferAction,
  TransferReason,
} from './action.ts';
import { differenceOf, type Sides } from './compare.ts';
import { itemsOf } from './entries.ts';
import type { Entry, Item, Problem } from './entry.ts';
import { acceptsEntry, compileFilter } from './filter.ts';
import { join, type Pair } from './join.ts';
import { asError } from './local-folder.ts';
import { CaseClashes, isOwnFile, nameProblemOf } from './local-name.ts';
import { areInOneBucket, isSurelyOneBucket } from './one-object.ts';
import { checkOptions, type PlanOptions, type SyncOptions } from './options.ts';
import { NamesBefore } from './order.ts';
import type { Place, RemotePlace } from './place.ts';
import { isOfShard } from './shard.ts';
import type { Wanted } from './walk.ts';

/** Some of a plan's actions, in order, and how far they reach. */
export interface PlannedBatch {
  readonly actions: readonly Action[];
  /** The last name that was looked at. */
  readonly upTo: string;
  /** Names that were compared, and need nothing done. */
  readonly unchanged: number;
  /** Names that the source has, before they were shared out. */
  readonly sourceNames: number;
}

// HEAD requests, and files that are read for their checksums, at a time.
const comparisonsAtATime = 16;

/**
 * What a sync would do, as a stream of actions, in the order of the names; a folder that is deleted comes behind all in it. Nothing is held
 * of it: it can be of any length.
 *
 * @throws {TypeError | RangeError} options, or places, that cannot be
 * @throws {Error} the source folder cannot be read at all
 * @throws {StorageError} a bucket cannot be listed
 */
export async function* plan(
  source: Place,
  destination: Place,
  options: PlanOptions = {},
): AsyncGenerator<Action, void, undefined> {
  checkOptions(options);
  const sides = { source, destination };
  checkPlaces(sides, options);
  await checkBuckets(sides, options);
  for await (const { actions } of planBatches(sides, options)) yield* actions;
}

/** The same, by batches, from a name on, and without a file that belongs to the run. */
export async function* planBatches(
  sides: Sides,
  options: PlanOptions,
  { after, ignored }: Pick<Wanted, 'after' | 'ignored'> = {},
): AsyncGenerator<PlannedBatch> {
  const { filter = {}, folders = false, signal } = options;
  const wanted = {
    names: compileFilter(filter),
    // Between buckets, a key is a key, whatever it ends in.
    folders: folders || kindOf(sides) === 'copy',
    after,
    ignored,
    signal,
  };
  const planner = new Planner(sides, options);
  const destination = listsDestination(options) ? itemsOfDestination(sides.destination, wanted) : nothing();
  let upTo = after ?? '';
  for await (const pairs of join(itemsOf(sides.source, wanted), destination)) {
    signal?.throwIfAborted();
    const batch = await planner.plan(pairs);
    upTo = batch.upTo;
    yield batch;
  }
  const actions = planner.endFolders();
  if (actions.length > 0) yield { actions, upTo, unchanged: 0, sourceNames: 0 };
}

/**
 * Refuses places of which one lies in the other, where a run would send what it has just sent, or delete its source.
 *
 * @throws {TypeError} such places, or two local ones
 */
export function checkPlaces(sides: Sides, options: PlanOptions): void {
  kindOf(sides);
  const overlap = overlapOf(sides, options);
  if (overlap !== undefined && isSurelyOneBucket(overlap.source, overlap.destination))
    throw new TypeError(overlap.problem);
}

/**
 * The same, for what may be one bucket by two names: asks whether it is, where something is to be deleted.
 *
 * @throws {TypeError} such places, as far as can be told
 * @throws {StorageError} it cannot be told
 */
export async function checkBuckets(sides: Sides, options: SyncOptions): Promise<void> {
  const overlap = overlapOf(sides, options);
  const deletes = options.delete === true || options.move === true;
  if (overlap === undefined || !deletes) return;
  const { source, destination, problem } = overlap;
  if (await areInOneBucket(source, destination, options.signal))
    throw new TypeError(`${problem} (${describe(source)} seems to be ${describe(destination)})`);
}

interface Overlap {
  readonly source: RemotePlace;
  readonly destination: RemotePlace;
  readonly problem: string;
}

/** What would go wrong between two places if they lay in one bucket. */
function overlapOf({ source, destination }: Sides, options: PlanOptions): Overlap | undefined {
  if (source.kind === 'local' || destination.kind === 'local') return undefined;
  const places = { source, destination };
  if (destination.prefix.startsWith(source.prefix) && takesIn(options, destination, source))
    return { ...places, problem: 'the destination lies in the source: what is sent would be sent again' };
  if (options.delete === true && source.prefix.startsWith(destination.prefix))
    return { ...places, problem: 'the source lies in the destination: it would be deleted' };
  return undefined;
}

function describe({ storage, bucket }: RemotePlace): string {
  return `s3://${bucket} at ${storage.connection.endpoint}`;
}

/** Whether something in a place that lies in the source can be in, and not the filter keep all of it out. */
function takesIn({ filter }: PlanOptions, inner: RemotePlace, source: RemotePlace): boolean {
  const folder = inner.prefix.slice(source.prefix.length);
  return folder === '' || compileFilter(filter).entersFolder(folder);
}

/** What is sent between two places. */
function kindOf({ source, destination }: Sides): TransferAction['kind'] {
  if (source.kind === 'local' && destination.kind === 'local')
    throw new TypeError(
      'one of the two places must be remote: files that stay on this machine are not for S3',
    );
  if (source.kind === 'local') return 'upload';
  return destination.kind === 'local' ? 'download' : 'copy';
}

function listsDestination({ delete: deletes, compare, existing = 'replace' }: PlanOptions): boolean {
  return deletes === true || compare !== 'always' || existing !== 'replace';
}

async function* nothing(): AsyncGenerator<readonly Item[]> {}

/** A folder that is not there yet is an empty one. */
async function* itemsOfDestination(place: Place, wanted: Wanted): AsyncGenerator<readonly Item[]> {
  try {
    yield* itemsOf(place, wanted);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (place.kind === 'remote' || !isMissing) throw error;
  }
}

/** An action, none, or what has to be asked before that is known. */
type Decision = Action | undefined | (() => Promise<Action | undefined>);

/** Decides, name by name, in order. */
class Planner {
  readonly #sides: Sides;
  readonly #options: PlanOptions;
  readonly #kind: TransferAction['kind'];
  readonly #platform: string;
  /** Names of the source of which, and below which, nothing is known. */
  readonly #unknown: NamesBefore = new NamesBefore();
  /** Names of files that are there, or will be: nothing can be below them. */
  readonly #files: NamesBefore = new NamesBefore();
  readonly #cases: CaseClashes | undefined;
  /** Folders of the destination that are extra if all in them is, the outermost first. */
  #extraFolders: DeleteAction[] = [];

  constructor(sides: Sides, options: PlanOptions) {
    this.#sides = sides;
    this.#options = options;
    this.#kind = kindOf(sides);
    this.#platform = options.platform ?? process.platform;
    const isInsensitive =
      options.caseInsensitive ?? (this.#platform === 'darwin' || this.#platform === 'win32');
    this.#cases = this.#kind === 'download' && isInsensitive ? new CaseClashes() : undefined;
  }

  async plan(pairs: readonly Pair[]): Promise<PlannedBatch> {
    const ended: (readonly Action[])[] = [];
    const decisions = pairs.map((pair): Decision => {
      ended.push(this.endFolders(pair.name));
      return this.#keepFolders(this.#decide(pair));
    });
    const results = await resolved(decisions);
    const actions: Action[] = [];
    let sourceNames = 0;
    let unchanged = 0;
    pairs.forEach((pair, index) => {
      const action = results[index];
      actions.push(...(ended[index] ?? []));
      if (action !== undefined && !isOvertaken(action, results[index + 1])) actions.push(action);
      if ('problem' in pair || pair.source === undefined || isOfPlaces(pair)) return;
      sourceNames++;
      if (action === undefined && pair.destination !== undefined && this.#isOurs(pair.name, pair.source))
        unchanged++;
    });
    return { actions, upTo: pairs.at(-1)?.name ?? '', unchanged, sourceNames };
  }

  /** The folders that have come to their end, of which all is extra; innermost first. Without a name, all have. */
  endFolders(name?: string): readonly DeleteAction[] {
    const isOpen = (folder: DeleteAction): boolean => name?.startsWith(folder.name) === true;
    const ended = this.#extraFolders.filter((folder) => !isOpen(folder));
    if (ended.length > 0) this.#extraFolders = this.#extraFolders.filter(isOpen);
    return ended.reverse();
  }

  /** A folder is needed by whatever in it is not deleted. The source may have its files, but no object for itself. */
  #keepFolders(decision: Decision): Decision {
    if (this.#kind !== 'download') return decision;
    const isDeletion = typeof decision === 'object' && decision.kind === 'delete';
    if (!isDeletion) this.#extraFolders = [];
    else if (decision.name.endsWith('/')) {
      this.#extraFolders.push(decision);
      return undefined;
    }
    return decision;
  }

  #decide(pair: Pair): Decision {
    if ('problem' in pair) {
      const { problem, side } = pair;
      if (side === 'source') this.#unknown.add(problem.name);
      return skipProblem(problem, side);
    }
    if (isOfPlaces(pair)) return undefined;
    const { name, source, destination } = pair;
    // Clashes are between names of all shards: they are looked for first.
    const clash = this.#clashOf(name, source, destination);
    const looked = source ?? destination;
    if (looked !== undefined && !this.#isOurs(name, looked)) return undefined;
    if (source !== undefined) return clash ?? this.#decideTransfer(source, destination);
    if (destination === undefined || this.#options.delete !== true) return undefined;
    if (this.#unknown.holding(name) !== undefined) return undefined;
    // A walk leaves it out, whether or not it is there.
    if (this.#kind === 'upload' && isOwnFile(name)) return undefined;
    return { kind: 'delete', name, size: destination.size, reason: 'extra', destination };
  }

  /** Whether it is this run's to care for, and its size and time are in. */
  #isOurs(name: string, entry: Entry): boolean {
    const { shard, filter = {} } = this.#options;
    return (shard === undefined || isOfShard(name, shard)) && acceptsEntry(entry, filter);
  }

  /** Why a name of the source can have no file in a local destination, or no object in a bucket. */
  #clashOf(name: string, source: Entry | undefined, destination: Entry | undefined): SkipAction | undefined {
    if (this.#sides.destination.kind === 'remote') {
      if (source === undefined || this.#sides.destination.prefix + name !== '') return undefined;
      return skip(source, 'impossible-name', 'it would have no name in the bucket');
    }
    if (source === undefined) {
      if (destination !== undefined && !name.endsWith('/')) this.#files.add(name);
      return undefined;
    }
    const impossible = nameProblemOf(source, this.#platform);
    if (impossible !== undefined) return skip(source, 'impossible-name', impossible);
    const file = this.#files.holding(name);
    if (file !== undefined)
      return skip(source, 'clash', `${JSON.stringify(file)} is a file; nothing can be below it`);
    const twin = this.#cases?.clashOf(name);
    if (twin !== undefined)
      return skip(source, 'case-clash', `on this machine, ${JSON.stringify(twin)} is the same file`);
    if (!name.endsWith('/')) this.#files.add(name);
    return undefined;
  }

  #decideTransfer(source: Entry, destination: Entry | undefined): Decision {
    const { existing = 'replace', archived = false } = this.#options;
    if (destination === undefined) {
      if (existing === 'only') return undefined;
      return this.#transfer(
        source,
        undefined,
        listsDestination(this.#options) ? 'missing' : 'always',
        archived,
      );
    }
    if (existing === 'keep') return skip(source, 'exists', 'the destination has it');
    const difference = differenceOf(source, destination, this.#sides, this.#options);
    if (typeof difference !== 'function')
      return difference && this.#transfer(source, destination, difference, archived);
    return async () => {
      try {
        const reason = await difference();
        return reason && this.#transfer(source, destination, reason, archived);
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        return skipIncomparable(source, asError(error));
      }
    };
  }

  #transfer(
    source: Entry,
    destination: Entry | undefined,
    reason: TransferReason,
    archived: boolean,
  ): Action {
    const { storageClass } = source;
    if (!archived && (storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'))
      return skip(
        source,
        'archived',
        `it is in ${storageClass}, and has to be restored before it can be read`,
      );
    const { name, size } = source;
    return {
      kind: this.#kind,
      name,
      size,
      reason,
      source,
      ...(destination === undefined ? {} : { destination }),
    };
  }
}

/** Whether something in the destination is told of by what becomes of its name next: what is sent takes its place, or tells why it cannot. */
function isOvertaken(action: Action, next: Action | undefined): boolean {
  if (action.kind !== 'skip' || action.side !== 'destination' || action.serious) return false;
  return next?.name === action.name;
}

/** Whether a name is that of the places themselves, with their markers only: what has content is no marker. */
function isOfPlaces({ name, source, destination }: Exclude<Pair, { problem: Problem }>): boolean {
  return name === '' && !hasContent(source) && !hasContent(destination);
}

function hasContent(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.size > 0;
}

/** Asks what has to be asked, several at a time. */
async function resolved(decisions: readonly Decision[]): Promise<readonly (Action | undefined)[]> {
  const results = decisions.map((decision) => (typeof decision === 'function' ? undefined : decision));
  let next = 0;
  const ask = async (): Promise<void> => {
    while (next < decisions.length) {
      const index = next++;
      const decision = decisions[index];
      if (typeof decision === 'function') results[index] = await decision();
    }
  };
  if (decisions.some((decision) => typeof decision === 'function'))
    await Promise.all(Array.from({ length: comparisonsAtATime }, ask));
  return results;
}

/** Nobody knows whether it differs: that is a failure, of this one alone. */
function skipIncomparable({ name, size }: Entry, error: Error): SkipAction {
  const detail = 'it cannot be compared with what the destination has';
  return { kind: 'skip', name, size, reason: 'unreadable', detail, serious: true, error };
}

function skip({ name, size }: Entry, reason: SkipReason, detail: string): SkipAction {
  return { kind: 'skip', name, size, reason, detail, serious: false };
}

const problemDetails: Readonly<Record<Problem['problem'], string>> = {
  unreadable: 'it cannot be read',
  'broken-link': 'it is a symbolic link that leads nowhere',
  'link-loop': 'it is a symbolic link to a folder that it lies in',
  link: 'it is a symbolic link, and these are not followed',
  'special-file': 'it is neither a file nor a folder',
};

function skipProblem({ name, problem, serious, error }: Problem, side: 'source' | 'destination'): SkipAction {
  const detail = `${side === 'source' ? '' : 'in the destination, '}${problemDetails[problem]}`;
  return {
    kind: 'skip',
    name,
    size: 0,
    reason: problem,
    detail,
    side,
    // What a link of the destination leads to is nothing that a deletion could follow from.
    serious: serious && (side === 'source' || problem === 'unreadable'),
    ...(error === undefined ? {} : { error }),
  };
}
