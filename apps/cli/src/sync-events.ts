import { Paged } from '@s3kit/core';
import {
  type Action,
  type FilterRule,
  type Place,
  parseFilterRules,
  type SyncEvent,
  type SyncOptions,
} from '@s3kit/sync';
import { lookup } from 'mrmime';
import { customerKeyHeaders } from './connect.ts';
import { headersOf } from './headers.ts';
import { NotDeletedError } from './not-deleted.ts';
import type { headerOptions, Rule, selectionOptions, transferOptions } from './option-table.ts';
import type { Given } from './options.ts';
import { type Counts, messageOf, names, type Output } from './output.ts';
import type { ProgressDisplay } from './progress.ts';
import { messageUri, uriOf } from './s3-uri.ts';
import { linesOfFile } from './text-input.ts';

/** What the selection of files needs. */
export async function filterOf(
  given: Given<(typeof selectionOptions)[number]>,
): Promise<NonNullable<SyncOptions['filter']>> {
  const { newer, older, larger, smaller } = given;
  return {
    rules: (await Promise.all(given.rules.map(rulesOf))).flat(),
    ...(newer === undefined ? {} : { modifiedSince: newer }),
    ...(older === undefined ? {} : { modifiedBefore: older }),
    ...(larger === undefined ? {} : { minimumSize: larger }),
    ...(smaller === undefined ? {} : { maximumSize: smaller }),
  };
}

/** Whether any option leaves some of many files out. */
export function isSelecting({
  rules,
  newer,
  older,
  larger,
  smaller,
}: Given<(typeof selectionOptions)[number]>): boolean {
  return rules.length > 0 || [newer, older, larger, smaller].some((value) => value !== undefined);
}

async function rulesOf(rule: Rule): Promise<readonly FilterRule[]> {
  if (!('from' in rule)) return [rule];
  const lines: string[] = [];
  for await (const line of linesOfFile(rule.from)) lines.push(line);
  return parseFilterRules(lines.join('\n'));
}

type TransferGiven = Given<
  | (typeof transferOptions)[number]
  | (typeof selectionOptions)[number]
  | (typeof headerOptions)[number]
  | 'sse-c-key'
>;

/** What `@s3kit/sync` needs, from the options that all commands of many files share. */
export async function syncOptionsOf(
  given: TransferGiven,
  source: Place,
  signal: AbortSignal,
): Promise<SyncOptions> {
  const headers = headersOf(given);
  // An object has a type, which its copy keeps.
  const guesses =
    source.kind === 'local' && !given['no-guess-mime-type'] && given['content-type'] === undefined;
  const key = given['sse-c-key'];
  // In one order, whichever they were given in.
  const pairs = Object.entries({ ...headers, ...(key === undefined ? {} : customerKeyHeaders(key)) }).sort();
  return {
    filter: await filterOf(given),
    dryRun: given['dry-run'],
    existing: given['no-clobber'] ? 'keep' : 'replace',
    preserve: given.preserve,
    folders: given.folders,
    progressInterval: 200,
    signal,
    headers: ({ name }) => (guesses ? { ...guessedType(name), ...headers } : headers),
    headersIdentity: JSON.stringify([guesses, pairs]),
    ...(given.concurrency === undefined ? {} : { concurrency: given.concurrency }),
  };
}

/** How it is told whether a file and an object are the same. */
export function comparisonOf({
  checksum,
  'size-only': bySize,
}: Given<'checksum' | 'size-only'>): NonNullable<SyncOptions['compare']> {
  if (checksum) return 'checksum';
  return bySize ? 'size' : 'modified';
}

/** The content type that a name tells of by its extension: neither `md` nor `.md` has one. */
export function guessedType(name: string): Readonly<Record<string, string>> {
  const [, extension = ''] = /[^/]\.([^./]+)$/.exec(name) ?? [];
  const type: unknown = lookup(extension);
  // Of "constructor", it is what every object has.
  return typeof type === 'string' ? { 'content-type': type } : {};
}

/** What the name of a file is in its place. */
function fullName(place: Place, name: string): string {
  if (place.kind === 'remote') return uriOf(place.bucket, `${place.prefix}${name}`);
  const folder = place.path.endsWith('/') ? place.path : `${place.path}/`;
  return `${folder === './' ? '' : folder}${name}`;
}

/** Tells what a run of `@s3kit/sync` does; gives what it came to. */
export async function tellEvents(
  events: AsyncIterable<SyncEvent>,
  places: Places,
  output: Output,
  display: ProgressDisplay | undefined,
): Promise<Counts> {
  let leftOut = 0;
  let counts: Counts = { files: 0, bytes: 0, failed: 0, skipped: 0 };
  for await (const batch of inBatches(events))
    for (const event of batch) {
      switch (event.type) {
        case 'planned':
          await tellAction(event.action, 'planned', places, output);
          break;
        case 'done':
          if (event.action.kind !== 'delete') display?.planned?.sent(event.action.name, event.action.size);
          // Of most, nothing is told.
          if (output.isDetailed) await tellAction(event.action, 'ok', places, output);
          break;
        case 'skipped':
          // What is there already was to be kept: the summary counts it.
          if (event.action.reason === 'link') {
            // As --no-follow-symlinks asks for it.
            leftOut++;
            if (output.isVerbose) output.note(`${toldNameOf(event.action, places)}: ${event.action.detail}`);
          } else if (event.action.reason === 'exists')
            output.keep(toldNameOf(event.action, places), event.action.detail);
          else output.skip(toldNameOf(event.action, places), event.action.detail);
          break;
        case 'failed':
          failed(event, places, output);
          break;
        case 'progress':
          {
            const { files, bytes } = transferredOf(event.totals);
            display?.update({ files, bytes: bytes + event.underWay.bytes });
          }
          break;
        case 'summary': {
          const { totals, withheld } = event;
          counts = {
            ...transferredOf(totals),
            deleted: totals.deleted.count,
            // As many as are told of.
            failed: totals.failed.count + (withheld === undefined ? 0 : 1),
            skipped: totals.skipped.count - leftOut,
            unchanged: totals.unchanged,
            ...(withheld === undefined ? {} : { withheld: withheld.count }),
          };
          if (withheld !== undefined)
            output.fail(new Error(withheldReasons[withheld.reason](withheld.count)), '', false);
          break;
        }
      }
    }
  return counts;
}

/** Where things come from, and where they go. */
interface Places {
  readonly source: Place;
  readonly destination: Place;
}

/** What an action is told by: the name of what it is done to, or of what is left alone. */
export function toldNameOf(action: Action, { source, destination }: Places): string {
  const isOfDestination =
    action.kind === 'delete' || (action.kind === 'skip' && action.side === 'destination');
  return fullName(isOfDestination ? destination : source, action.name);
}

type Told = Extract<SyncEvent, { type: 'done' | 'planned' }>['action'];

async function tellAction(
  action: Told,
  status: 'planned' | 'ok',
  places: Places,
  output: Output,
): Promise<void> {
  const { kind, name, size, reason } = action;
  const from = toldNameOf(action, places);
  const to = fullName(places.destination, name);
  const type = from.startsWith('s3://') ? 'object' : 'file';
  await output.done(
    {
      type,
      name: from,
      size,
      status,
      action: kind,
      reason,
      ...(kind === 'delete' ? {} : { destination: to }),
    },
    `${kind}: ${from}${kind === 'delete' ? '' : ` to ${to}`}`,
  );
}

/** Events as they come, several at a time: to wait for each of ten thousand would take as long as to tell of them. */
async function* inBatches(events: AsyncIterable<SyncEvent>): AsyncGenerator<readonly SyncEvent[]> {
  if (events instanceof Paged) yield* events.pages();
  else for await (const event of events) yield [event];
}

function failed(
  { action, error, hasArrived = false }: Extract<SyncEvent, { type: 'failed' }>,
  places: Places,
  output: Output,
): void {
  const name = action === undefined ? placeOf(error, places) : toldNameOf(action, places);
  // What a link leads to is missing, and not what was asked for.
  if (action?.kind === 'skip' && action.reason === 'broken-link')
    output.fail(new Error(action.detail), name, false);
  else if (action !== undefined && hasArrived)
    output.fail(new NotDeletedError(name, fullName(places.destination, action.name), error), name);
  else output.fail(error, name);
}

/** The place that an error tells of; empty where it tells of none. */
export function placeOf(error: unknown, { source, destination }: Places): string {
  const text = messageOf(error);
  const labels = [source, destination].map((place) =>
    place.kind === 'local' ? place.path : messageUri(place.bucket, ''),
  );
  return labels.find((label) => names(text, label)) ?? '';
}

type Totals = Extract<SyncEvent, { type: 'progress' }>['totals'];

function transferredOf({ uploaded, downloaded, copied }: Totals): { files: number; bytes: number } {
  return {
    files: uploaded.count + downloaded.count + copied.count,
    bytes: uploaded.bytes + downloaded.bytes + copied.bytes,
  };
}

const withheldReasons = {
  failures: (count: number) => `nothing was deleted, as something failed before; it would have been ${count}`,
  'too-many': (count: number) => `nothing was deleted: ${count} would be more than --max-delete allows`,
  'empty-source': (count: number) =>
    `nothing was deleted, as the source has nothing at all; it would have been ${count}: see --allow-empty-source`,
} as const;
