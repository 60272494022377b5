import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Storage } from '@s3kit/core';
import { local, type Place, type PlanOptions, plan, remote, type Shard, type SyncEvent } from '@s3kit/sync';
import { UsageError } from 'clipanion';
import type { ConnectionChoice } from './connect.ts';
import { exitStatus } from './exit-status.ts';
import { journalFile, type Sides } from './journal-file.ts';
import type { manyFilesOptions } from './option-table.ts';
import type { Given } from './options.ts';
import type { Counts } from './output.ts';
import { PlannedBytes } from './planned-bytes.ts';
import { ProgressDisplay } from './progress.ts';
import type { Location } from './s3-uri.ts';
import { ServiceCommand } from './service-command.ts';
import { placeOf, tellEvents } from './sync-events.ts';

/** A command that sends many files from a source to a destination, perhaps between two services. */
export abstract class TransferCommand extends ServiceCommand {
  abstract override readonly given: Given<(typeof manyFilesOptions)[number]>;
  #journal: string | undefined;
  #sides: Sides | undefined;
  #services: Promise<{ source: Storage; destination: Storage }> | undefined;

  /** The services of both sides: one, unless the options of the source say otherwise. */
  services(): Promise<{ source: Storage; destination: Storage }> {
    this.#services ??= this.#connect();
    return this.#services;
  }

  async #connect(): Promise<{ source: Storage; destination: Storage }> {
    const { given } = this;
    const destination = await this.open();
    const changes: ConnectionChoice = {
      ...(given['source-config'] === undefined ? {} : { config: given['source-config'], profile: undefined }),
      ...(given['source-profile'] === undefined
        ? {}
        : { profile: given['source-profile'], config: undefined }),
      ...(given['source-region'] === undefined ? {} : { region: given['source-region'] }),
      ...(given['source-endpoint-url'] === undefined ? {} : { 'endpoint-url': given['source-endpoint-url'] }),
      ...(given['source-no-sign-request'] ? { 'no-sign-request': true } : {}),
    };
    if (Object.keys(changes).length === 0) return { source: destination, destination };
    // What the options say of the destination's service says nothing of the source's.
    const fresh =
      changes.config === undefined && changes.profile === undefined
        ? {}
        : { region: undefined, 'endpoint-url': undefined };
    return { source: await this.open({ ...given, ...fresh, ...changes }), destination };
  }

  /**
   * Two locations as places of many files.
   *
   * @throws {UsageError} both are on this machine, or one is a stream, which is told in the words that are given
   */
  async sidesOf(from: Location, to: Location, streamMessage: string): Promise<Sides> {
    if (from.kind === 'stream' || to.kind === 'stream') throw new UsageError(streamMessage);
    if (from.kind === 'local' && to.kind === 'local')
      throw new UsageError('one of the two is to be an s3:// URI');
    const { source, destination } = await this.services();
    this.#sides = { source: this.#place(from, source), destination: this.#place(to, destination) };
    return this.#sides;
  }

  override about(error: unknown): string {
    return this.#sides === undefined ? '' : placeOf(error, this.#sides);
  }

  #place(location: Exclude<Location, { kind: 'stream' }>, storage: Storage): Place {
    if (location.kind === 'local')
      return local(location.path, { followSymlinks: !this.given['no-follow-symlinks'] });
    return remote(storage, location.bucket, location.wildcard?.folder ?? location.key);
  }

  /** Whether what is done is to be remembered. */
  get isResuming(): boolean {
    return this.given.resume || this.given['journal-folder'] !== undefined;
  }

  /** Where a run of many files remembers what it has done, as an option of `@s3kit/sync`. */
  async journalOf(sides: Sides, shard?: Shard): Promise<{ readonly journal?: string }> {
    if (!this.isResuming || this.given['dry-run']) return {};
    this.#journal = await journalFile(sides, this.given['journal-folder'], shard);
    return { journal: this.#journal };
  }

  /**
   * Tells of a run's events, shows how far it is, and sums up.
   *
   * @param planning - how the run plans, where a second plan can count what it is to send, so that the time that is left can be told
   * @param complete - tells what there is to tell besides, before it is summed up
   */
  async tell(
    events: AsyncIterable<SyncEvent>,
    sides: Sides,
    planning?: PlanOptions,
    complete: (counts: Counts) => Promise<Counts> = async (counts) => counts,
  ): Promise<void> {
    const started = performance.now();
    const { output, given } = this;
    const display = await ProgressDisplay.open(output, this.environment, given['no-progress']);
    const counting = new AbortController();
    if (display !== undefined && planning !== undefined && this.#isCountable(planning)) {
      const signal = AbortSignal.any([counting.signal, this.signal]);
      display.planned = new PlannedBytes();
      void display.planned.count(plan(sides.source, sides.destination, { ...planning, signal }));
    }
    try {
      const counts = await tellEvents(events, sides, output, display);
      display?.close();
      // All is done: there is nothing to go on with.
      const isDone = output.status === exitStatus.done || output.status === exitStatus.skipped;
      if (this.#journal !== undefined && isDone) await rm(this.#journal, { force: true });
      await output.summary(await complete(counts), (performance.now() - started) / 1000, given['dry-run']);
    } finally {
      counting.abort();
      display?.close();
    }
  }

  /** Whether a plan costs listings alone, and tells all: what an earlier run has done, only its journal knows. */
  #isCountable({ compare = 'modified', preserve = false }: PlanOptions): boolean {
    const asksForEach = compare === 'checksum' || (compare === 'modified' && preserve);
    const isTakenUp = this.#journal !== undefined && existsSync(this.#journal);
    return !asksForEach && !isTakenUp && !this.given['dry-run'];
  }
}
