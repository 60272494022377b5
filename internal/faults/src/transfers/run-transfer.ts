import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as timer } from 'node:timers/promises';
import { Storage } from '@s3kit/core';
import type { Exchange } from '../exchange.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import type { FaultKind } from '../faults.ts';
import { seededRandom } from '../random.ts';
import { createSchedule } from '../schedule.ts';
import { contentOf } from './contents.ts';
import { lostUploads } from './lost-uploads.ts';
import type { Scenario, Verb } from './scenario.ts';
import {
  connectTo,
  impatient,
  isProperError,
  type ObjectState,
  tellsSecret,
  textOf,
  type World,
} from './world.ts';

/** How a transfer ended. */
export type Outcome =
  | 'done'
  | 'failed, unchanged'
  | 'failed, yet done'
  | 'aborted, unchanged'
  | 'aborted, yet done';

/** What a transfer met, and left. */
export interface TransferResult {
  readonly outcome: Outcome | undefined;
  /** Of each fault that took effect, its kind. */
  readonly faults: readonly FaultKind[];
  /** Open uploads that the error names. */
  readonly namedUploads: number;
  /** Open uploads whose ids were lost on the way, so that nobody can know them. */
  readonly lostUploads: number;
  /** What must not be. */
  readonly violations: readonly string[];
}

// Far above what the timeouts and tries of an impatient client add up to.
const patience = 60_000;

const oldHeaders = { 'x-amz-meta-version': 'old', 'content-type': 'text/x-old', 'x-amz-tagging': 'kept=yes' };
const newHeaders = { 'x-amz-meta-version': 'new', 'content-type': 'text/x-new', 'x-amz-tagging': 'kept=yes' };

/** The parts of a transfer: what it starts from, what it does, and what it changes. */
interface Stage {
  readonly key: string;
  readonly folder: string;
  readonly file: string;
  readonly oldContent: Buffer | undefined;
  readonly newContent: Buffer;
}

/** Carries out one transfer through a proxy of its own, and checks what is there afterwards. */
export async function runTransfer(world: World, scenario: Scenario): Promise<TransferResult> {
  const { index, seed, verb, weather, size, oldSize, abortAfter } = scenario;
  const folder = join(world.folder, String(index));
  const stage: Stage = {
    key: `${index}-${verb}`,
    folder,
    file: join(folder, 'file'),
    oldContent: oldSize === undefined ? undefined : contentOf(seed + 1, oldSize),
    newContent: contentOf(seed, size),
  };
  await mkdir(folder);
  await prepare[verb](world, stage);
  const before = await stateOf(world, verb, stage);

  const proxy = await startFaultProxy({
    targetPort: world.port,
    schedule: createSchedule(seed, weather, { bearable: 30, unbearable: 1_000 }),
  });
  const connection = connectTo(`${scenario.tls ? 'https' : 'http'}://${proxy.host}`, {
    ...impatient,
    random: seededRandom(seed + 2),
  });
  const signal = abortAfter === undefined ? undefined : AbortSignal.timeout(abortAfter);
  const ended = await endOf(act[verb](new Storage(connection), stage, signal));
  connection.close();
  await proxy.settled();
  await proxy.close();

  const violations: string[] = [];
  const after = await stateOf(world, verb, stage);
  const outcome = outcomeOf(ended, before, after, signal);
  if (outcome === undefined)
    violations.push(
      `${'error' in ended ? `failed (${textOf(ended.error)})` : 'done'}: ${before} became ${after}`,
    );
  if ('error' in ended) violations.push(...faultsOf(ended.error, signal));
  const left = (await readdir(folder)).filter((name) => name !== 'file');
  if (left.length > 0) violations.push(`left behind: ${left.join(', ')}`);
  const uploads = await checkUploads(world, stage.key, proxy.exchanges, ended, signal?.aborted === true);
  violations.push(...uploads.violations);
  await rm(folder, { recursive: true });
  return {
    outcome,
    faults: proxy.exchanges.filter(({ struck }) => struck).map(({ fault }) => fault.kind),
    namedUploads: uploads.named,
    lostUploads: uploads.lost,
    violations,
  };
}

type Ended = { readonly error: unknown } | { readonly done: true } | { readonly hung: true };

async function endOf(call: PromiseLike<unknown>): Promise<Ended> {
  const stop = new AbortController();
  const hung = timer(patience, { hung: true } as const, { signal: stop.signal });
  try {
    return await Promise.race([Promise.resolve(call).then(() => ({ done: true }) as const), hung]);
  } catch (error) {
    return { error };
  } finally {
    stop.abort();
    hung.catch(() => undefined);
  }
}

const prepare: Readonly<Record<Verb, (world: World, stage: Stage) => Promise<void>>> = {
  async write(world, stage) {
    await putObject(world, stage, stage.key, stage.oldContent, oldHeaders);
    await writeFile(stage.file, stage.newContent);
  },
  async read(world, stage) {
    await putObject(world, stage, stage.key, stage.newContent, newHeaders);
    if (stage.oldContent !== undefined) await writeFile(stage.file, stage.oldContent);
  },
  async copy(world, stage) {
    await putObject(world, stage, `source-${stage.key}`, stage.newContent, newHeaders);
    await putObject(world, stage, stage.key, stage.oldContent, oldHeaders);
  },
  async updateMetadata(world, stage) {
    await putObject(world, stage, stage.key, stage.newContent, oldHeaders);
  },
};

async function putObject(
  { storage }: World,
  { folder }: Stage,
  key: string,
  content: Buffer | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  if (content === undefined) return;
  const file = join(folder, 'prepared');
  await writeFile(file, content);
  await storage.write(file, key, { headers });
  await rm(file);
}

const act: Readonly<
  Record<Verb, (storage: Storage, stage: Stage, signal: AbortSignal | undefined) => PromiseLike<unknown>>
> = {
  write: (storage, { file, key }, signal) =>
    storage.write(file, key, { headers: newHeaders, ...given(signal) }),
  read: (storage, { file, key }, signal) => storage.read(key, file, given(signal)),
  copy: (storage, { key }, signal) => storage.copy(`source-${key}`, key, given(signal)),
  updateMetadata: (storage, { key }, signal) =>
    storage.updateMetadata(key, { 'x-amz-meta-version': 'new' }, given(signal)),
};

function given(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** What is at the destination, in a word: `nothing`, `old`, `new`, or what is wrong with it. */
async function stateOf(world: World, verb: Verb, stage: Stage): Promise<string> {
  if (verb === 'read') {
    const content = await readFile(stage.file).catch(() => undefined);
    return content === undefined ? 'nothing' : contentState(content, stage);
  }
  const object = await world.objectOf(stage.key);
  if (object === undefined) return 'nothing';
  const version = object.headers['x-amz-meta-version'] ?? 'without metadata';
  const content = contentState(object.content, stage);
  const wrong = headersAtFault(object, verb === 'updateMetadata' ? 'old' : version);
  if (wrong !== undefined) return wrong;
  // An update leaves the content as it is.
  if (verb === 'updateMetadata') return content === 'new' ? version : `changed content (${content})`;
  return content === version ? version : `the content is ${content}, the metadata ${version}`;
}

function contentState(content: Buffer, { oldContent, newContent }: Stage): string {
  if (content.equals(newContent)) return 'new';
  if (oldContent !== undefined && content.equals(oldContent)) return 'old';
  return `neither old nor new (${content.length} bytes)`;
}

function headersAtFault({ headers }: ObjectState, version: string): string | undefined {
  if (headers['content-type'] !== `text/x-${version}`)
    return `the content type is ${headers['content-type']}, not text/x-${version}`;
  return headers['x-amz-tagging-count'] === '1' ? undefined : 'the tags are lost';
}

function outcomeOf(
  ended: Ended,
  before: string,
  after: string,
  signal: AbortSignal | undefined,
): Outcome | undefined {
  if ('hung' in ended) return undefined;
  if ('done' in ended) return after === 'new' ? 'done' : undefined;
  const how = signal?.aborted === true ? 'aborted' : 'failed';
  if (after === before) return `${how}, unchanged`;
  return after === 'new' ? `${how}, yet done` : undefined;
}

function faultsOf(error: unknown, signal: AbortSignal | undefined): string[] {
  const faults: string[] = [];
  if (!isProperError(error, signal)) faults.push(`an improper error: ${String(error)}`);
  if (tellsSecret(textOf(error))) faults.push('the error tells the secret');
  return faults;
}

async function checkUploads(
  world: World,
  key: string,
  exchanges: readonly Exchange[],
  ended: Ended,
  aborted: boolean,
): Promise<{ named: number; lost: number; violations: string[] }> {
  const text = 'error' in ended ? textOf(ended.error) : '';
  const unknowable = lostUploads(exchanges, aborted);
  let named = 0;
  let lost = 0;
  const violations: string[] = [];
  for (const uploadId of await world.openUploads(key)) {
    if (text.includes(uploadId)) named++;
    else if (unknowable.has(uploadId)) lost++;
    else violations.push(`the upload ${uploadId} is open, and not named: ${text || 'the call was done'}`);
    await world.abort(key, uploadId);
  }
  return { named, lost, violations };
}
