import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Storage } from '@s3kit/core';
import type { Exchange } from '../exchange.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { integerBetween, pick, seededRandom, seedOf } from '../random.ts';
import { contentOf } from './contents.ts';
import { killed } from './kills.ts';
import type { Violation } from './run-transfers.ts';
import { connectTo, textOf, type World } from './world.ts';

const KiB = 1024;

// Larger than those of the other transfers: what is on its way in buffers when a client is killed should be little beside the rest.
const limits = { minimumPartSize: 128 * KiB, multipartThreshold: 512 * KiB };

// As much as can be under way, and so in vain, when a client is killed: four parts, or four ranges.
const underWay = { write: 4 * limits.minimumPartSize, read: 4 * limits.multipartThreshold };

// What stands in the network's buffers of a download when its client wants no more of an answer.
const buffered = { write: 0, read: 4 * KiB * KiB };

// Of the answers that bring ranges.
const heads = 64 * KiB;

/** What transfers that were killed, and went on, have cost. */
export interface ResumeSummary {
  readonly resumes: number;
  /** Times that a client was killed in the middle of its transfer. */
  readonly kills: number;
  /** Bytes of all that was transferred. */
  readonly bytes: number;
  /** Bytes that went, or came, more than once. */
  readonly bytesAgain: number;
  readonly violations: readonly Violation[];
}

/** What a client that is to be killed in the middle of a transfer needs to know. */
export interface ResumingClient {
  /** The proxy's address. */
  readonly host: string;
  readonly verb: 'write' | 'read';
  readonly key: string;
  readonly file: string;
}

/** Makes one transfer, with a journal; says when it begins, and when it is done. */
export async function transferWithJournal(client: ResumingClient): Promise<void> {
  process.stdout.write('ready\n');
  await transferTo(client);
  process.stdout.write('1\n');
}

async function transferTo({ host, verb, key, file }: ResumingClient): Promise<void> {
  const connection = connectTo(`http://${host}`, { limits });
  const storage = new Storage(connection);
  try {
    if (verb === 'write') await storage.write(file, key, { journal: true });
    else await storage.read(key, file, { journal: true });
  } finally {
    connection.close();
  }
}

/** Kills clients at random moments of transfers that have a journal; then others go on with them, to the end. */
export async function runResumes(
  world: World,
  seed: number,
  count: number,
  command: readonly string[],
): Promise<ResumeSummary> {
  const sum = { kills: 0, bytes: 0, bytesAgain: 0 };
  const violations: Violation[] = [];
  for (let index = 0; index < count; index++) {
    const round = await resume(world, seedOf(seed, `resume ${index}`), index, command);
    sum.kills += round.kills;
    sum.bytes += round.bytes;
    sum.bytesAgain += round.bytesAgain;
    for (const problem of round.problems) violations.push({ index, problem: `resume: ${problem}` });
  }
  return { resumes: count, ...sum, violations };
}

async function resume(
  world: World,
  seed: number,
  index: number,
  command: readonly string[],
): Promise<Omit<ResumeSummary, 'resumes' | 'violations'> & { readonly problems: string[] }> {
  const random = seededRandom(seed);
  const verb = pick(random, ['write', 'read'] as const);
  const size = integerBetween(random, 20 * limits.minimumPartSize, 60 * limits.minimumPartSize);
  const content = contentOf(seed, size);
  const folder = join(world.folder, `resume-${index}`);
  const key = `resume-${index}`;
  const file = join(folder, 'file');
  await mkdir(folder);
  if (verb === 'write') await writeFile(file, content);
  else await world.storage.write(content, key);
  // Every answer takes a while, so that most moments are within the transfer.
  const proxy = await startFaultProxy({
    targetPort: world.port,
    schedule: () => ({ kind: 'delay', milliseconds: 5 }),
  });
  const client: ResumingClient = { host: proxy.host, verb, key, file };
  let kills = 0;
  let done = false;
  for (let left = integerBetween(random, 1, 3); left > 0 && !done; left--) {
    done = (await killed([...command, JSON.stringify(client)], integerBetween(random, 0, 120))) > 0;
    if (done) break;
    kills++;
    // It may have been done in the moment when it was killed, and could not say so.
    const isAlone = (await readdir(folder)).every((name) => name === 'file');
    done =
      isAlone &&
      (verb === 'write' ? await world.objectOf(key) : await stat(file).catch(() => undefined)) !== undefined;
  }
  const problems: string[] = [];
  if (!done) await transferTo(client).catch((error: unknown) => problems.push(`failed: ${textOf(error)}`));
  await proxy.settled();
  await proxy.close();

  const there = verb === 'write' ? (await world.objectOf(key))?.content : await readFile(file);
  if (there?.equals(content) !== true) problems.push('what is there is not what was transferred');
  const left = (await readdir(folder)).filter((name) => name !== 'file');
  if (left.length > 0) problems.push(`left behind: ${left.join(', ')}`);
  const uploads = await world.openUploads(key);
  // Of an upload whose id did not reach the client before it was killed, nobody can know.
  const known = uploads.filter((id) =>
    proxy.exchanges.some(({ request }) => request.target.includes(`uploadId=${encodeURIComponent(id)}`)),
  );
  if (known.length > 0) problems.push(`${known.length} uploads left open`);
  for (const id of uploads) await world.abort(key, id);
  await rm(folder, { recursive: true });
  const bytesAgain = Math.max(0, bytesOf(verb, proxy.exchanges) - size);
  if (bytesAgain > kills * underWay[verb] + (kills + 1) * buffered[verb] + heads)
    problems.push(`${bytesAgain} bytes went again after ${kills} kills`);
  return { kills, bytes: size, bytesAgain, problems };
}

/** Bytes of content that went, or came. */
function bytesOf(verb: 'write' | 'read', exchanges: readonly Exchange[]): number {
  let bytes = 0;
  for (const { request, passed } of exchanges) {
    if (verb === 'write' && request.method === 'PUT') bytes += Math.max(0, passed.up - request.headLength);
    if (verb === 'read' && request.method === 'GET') bytes += passed.down;
  }
  return bytes;
}
