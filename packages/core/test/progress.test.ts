import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TransferProgress } from '../src/index.ts';
import { ProgressMeter } from '../src/progress.ts';
import { refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

const MiB = 1024 * 1024;

describe('a meter', () => {
  test('tells at most every 100 ms, and at the end', () => {
    let now = 0;
    const told: number[] = [];
    const meter = new ProgressMeter(
      ({ transferred }) => told.push(transferred),
      () => now,
    );
    for (; now < 1_000; now += 10) meter.move(1);
    meter.end();
    expect(told).toEqual([1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 100]);
  });

  test('gives the rate of the last five seconds, in bytes a second', () => {
    let now = 0;
    let rate = 0;
    const meter = new ProgressMeter(
      (progress) => {
        rate = progress.rate;
      },
      () => now,
    );
    for (let second = 0; second < 20; second++) {
      now += 1_000;
      meter.move(1_000_000);
    }
    expect(rate).toBeCloseTo(1_000_000);
    for (let second = 0; second < 10; second++) {
      now += 1_000;
      meter.move(100);
    }
    expect(rate).toBeCloseTo(100);
  });

  test('what an earlier run had done has no share in the rate', () => {
    let now = 0;
    let told: TransferProgress | undefined;
    const meter = new ProgressMeter(
      (progress) => {
        told = progress;
      },
      () => now,
    );
    meter.resume(50_000_000, 10);
    now = 1_000;
    meter.move(1_000);
    expect(told).toMatchObject({ transferred: 50_001_000, resumed: 50_000_000, parts: 10, rate: 1_000 });
  });
});

describe('transfers tell', () => {
  let server: ScriptedServer;
  let folder: string;
  beforeEach(async () => {
    server = await ScriptedServer.start(reply(200));
    folder = await mkdtemp(join(tmpdir(), 's3kit-progress-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test('of the bytes of a write, also when an attempt had to be made again', async () => {
    server.script(refuse(503, 'SlowDown'), reset, reply(200));
    await writeFile(join(folder, 'f'), Buffer.alloc(3 * MiB));
    const told: TransferProgress[] = [];
    await server.storage().write(join(folder, 'f'), 'k', { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ transferred: 3 * MiB, total: 3 * MiB, retries: 2, resumed: 0 });
    for (const { transferred } of told) expect(transferred).toBeLessThanOrEqual(3 * MiB);
  });

  test('of the bytes of a read', async () => {
    server.script(reply(200, 'x'.repeat(100_000)));
    const told: TransferProgress[] = [];
    await server.storage().read('k', join(folder, 'g'), { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ transferred: 100_000, total: 100_000, retries: 0 });
  });

  test('nothing of a stream’s length before it has ended', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      yield new Uint8Array(20);
    }
    const told: TransferProgress[] = [];
    await server.storage().write(chunks(), 'k', { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ transferred: 30, total: undefined });
  });
});
