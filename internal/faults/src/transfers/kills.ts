import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as timer } from 'node:timers/promises';
import { Storage } from '@s3kit/core';
import { startFaultProxy } from '../fault-proxy.ts';
import { integerBetween, seededRandom, seedOf } from '../random.ts';
import { contentOf } from './contents.ts';
import type { Violation } from './run-transfers.ts';
import { scaledLimits } from './scenario.ts';
import { connectTo, type World } from './world.ts';

/** What was there after clients had been killed in the middle of their writes. */
export interface KillSummary {
  readonly kills: number;
  /** Clients that were killed when they had written something. */
  readonly afterWrites: number;
  /** Uploads that stayed open, since nobody was left to abort them. */
  readonly openUploads: number;
  readonly violations: readonly Violation[];
}

/** What a client that is to be killed needs to know. */
export interface DoomedClient {
  /** The proxy's address. */
  readonly host: string;
  readonly folder: string;
  readonly key: string;
  readonly seed: number;
}

// Its content begins with its number, so that one can tell which it is.
const numberLength = 4;

function versionOf(seed: number, version: number): Buffer {
  const random = seededRandom(seedOf(seed, `size of ${version}`));
  const content = contentOf(
    seed + version,
    integerBetween(random, numberLength, 20 * scaledLimits.minimumPartSize),
  );
  content.writeUInt32LE(version);
  return content;
}

/** Writes version after version of an object, and says which are done; until it is killed. */
export async function writeForEver({ host, folder, key, seed }: DoomedClient): Promise<never> {
  const storage = new Storage(connectTo(`http://${host}`));
  for (let version = 1; ; version++) {
    const file = join(folder, `${key}-version`);
    await writeFile(file, versionOf(seed, version));
    if (version === 1) process.stdout.write('ready\n');
    await storage.write(file, key);
    process.stdout.write(`${version}\n`);
  }
}

/** Kills clients at random moments; what they wrote has to be wholly one version: the last that was done, or the next. */
export async function runKills(
  world: World,
  seed: number,
  count: number,
  command: readonly string[],
): Promise<KillSummary> {
  let afterWrites = 0;
  let openUploads = 0;
  const violations: Violation[] = [];
  for (let index = 0; index < count; index++) {
    const ownSeed = seedOf(seed, `kill ${index}`);
    const random = seededRandom(ownSeed);
    const key = `kill-${index}`;
    // Every answer takes a while, so that most moments are within a write.
    const proxy = await startFaultProxy({
      targetPort: world.port,
      schedule: () => ({ kind: 'delay', milliseconds: 3 }),
    });
    const doomed: DoomedClient = { host: proxy.host, folder: world.folder, key, seed: ownSeed };
    const done = await killed([...command, JSON.stringify(doomed)], integerBetween(random, 0, 150));
    await proxy.settled();
    await proxy.close();
    if (done > 0) afterWrites++;
    const problem = await problemWith(world, key, ownSeed, done);
    if (problem !== undefined) violations.push({ index, problem: `kill: ${problem}` });
    for (const uploadId of await world.openUploads(key)) {
      openUploads++;
      await world.abort(key, uploadId);
    }
  }
  return { kills: count, afterWrites, openUploads, violations };
}

/** Starts a client, kills it so many milliseconds after it was ready, and resolves to the last number that it told. */
export async function killed(args: readonly string[], milliseconds: number): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let output = '';
  child.stdout.setEncoding('utf8');
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text: string) => {
      output += text;
      resolve();
    });
    child.stdout.on('close', resolve);
  });
  await timer(milliseconds);
  child.kill('SIGKILL');
  await closed;
  if (!output.startsWith('ready\n')) throw new Error('the client ended before it was ready');
  return Number(output.trimEnd().split('\n').at(-1)?.replace('ready', '0'));
}

async function problemWith(
  world: World,
  key: string,
  seed: number,
  done: number,
): Promise<string | undefined> {
  const object = await world.objectOf(key);
  if (object === undefined)
    return done === 0 ? undefined : `version ${done} was done, and there is no object`;
  const version = object.content.readUInt32LE();
  if (version !== done && version !== done + 1)
    return `version ${done} was done, and version ${version} is there`;
  return object.content.equals(versionOf(seed, version)) ? undefined : `version ${version} is not whole`;
}
