import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Exchange } from '../src/exchange.ts';
import type { Fault } from '../src/index.ts';
import { contentOf } from '../src/transfers/contents.ts';
import { runTransfers, scenarioOf, World } from '../src/transfers/index.ts';
import { lostUploads } from '../src/transfers/lost-uploads.ts';

describe('what a run is made of', () => {
  test('is the same for the same seed, and another for another', () => {
    const scenarios = (seed: number): unknown[] => Array.from({ length: 50 }, (_, i) => scenarioOf(seed, i));
    expect(scenarios(5)).toEqual(scenarios(5));
    expect(scenarios(5)).not.toEqual(scenarios(6));
  });

  test('holds every verb in every weather, whole and in parts, onto something and onto nothing', () => {
    const scenarios = Array.from({ length: 400 }, (_, index) => scenarioOf(1, index));
    const kinds = new Set(
      scenarios.map(
        ({ verb, weather, size, oldSize }) =>
          `${verb} ${weather} ${size >= 64 * 1024} ${oldSize === undefined}`,
      ),
    );
    expect(kinds.size).toBe(4 * 4 * 2 * 2);
    expect(scenarios.some(({ tls }) => tls)).toBe(true);
    expect(scenarios.some(({ abortAfter }) => abortAfter !== undefined)).toBe(true);
  });

  test('contents differ by seed, and no part of one is like another', () => {
    expect(contentOf(1, 1001)).toHaveLength(1001);
    expect(contentOf(1, 1001)).toEqual(contentOf(1, 1001));
    expect(contentOf(1, 1001).equals(contentOf(2, 1001))).toBe(false);
    const content = contentOf(3, 64 * 1024);
    const digests = Array.from({ length: 64 }, (_, part) =>
      createHash('sha256')
        .update(content.subarray(part * 1024, (part + 1) * 1024))
        .digest('hex'),
    );
    expect(new Set(digests).size).toBe(64);
  });
});

function exchange(
  target: string,
  {
    answered,
    delivered = false,
    struck = false,
  }: { answered?: string; delivered?: boolean; struck?: boolean } = {},
): Exchange {
  const fault: Fault = { kind: 'pass' };
  const made = new Exchange(
    { method: 'POST', target, headers: {}, headLength: 1, bodyLength: 0, occurrence: 0 },
    fault,
  );
  made.delivered = delivered;
  made.struck = struck;
  made.answer = answered === undefined ? '' : `<UploadId>${answered}</UploadId>`;
  return made;
}

describe('an upload is lost', () => {
  const creation = '/b/k?uploads=';

  test.each([
    [
      'when a fault kept its id from arriving',
      [exchange(creation, { answered: 'a', struck: true })],
      true,
      ['a'],
    ],
    ['not when its id arrived', [exchange(creation, { answered: 'a', delivered: true })], false, []],
    ['when the client gave up waiting', [exchange(creation, { answered: 'a' })], false, ['a']],
    ['not when only the caller came between', [exchange(creation, { answered: 'a' })], true, []],
    [
      'not when it was used, whatever happened to the answer',
      [exchange(creation, { answered: 'a', struck: true }), exchange('/b/k?partNumber=1&uploadId=a')],
      false,
      [],
    ],
    [
      'when the client asked for another, and did not use it',
      [
        exchange(creation, { answered: 'a', delivered: true }),
        exchange(creation, { answered: 'b', delivered: true }),
      ],
      false,
      ['a'],
    ],
  ])('%s', (_, exchanges, aborted, expected) => {
    expect([...lostUploads(exchanges, aborted)]).toEqual(expected);
  });
});

describe('a run', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(async () => {
    await world.close();
  });

  /** The world, with something about it that is not so. */
  function lying(lies: Partial<World>): World {
    return Object.assign(Object.create(world) as World, lies);
  }

  /** The numbers of transfers that no caller aborts, as when that happens is not the seed's. */
  const steady = (verb: string): number[] =>
    Array.from({ length: 60 }, (_, index) => index).filter((index) => {
      const scenario = scenarioOf(9, index);
      return scenario.verb === verb && scenario.abortAfter === undefined;
    });

  test('ends well, transfer by transfer', async () => {
    const indexes = ['write', 'read', 'copy', 'updateMetadata'].flatMap((verb) => steady(verb).slice(0, 4));
    const summary = await runTransfers(world, 9, indexes);
    expect(summary.violations).toEqual([]);
    expect(Object.values(summary.outcomes).reduce((sum, count) => sum + count, 0)).toBe(indexes.length);
    expect(summary.faults).not.toEqual({});
  });

  test('sees an object whose last byte is another', async () => {
    const cut = lying({
      objectOf: async (key) => {
        const object = await world.objectOf(key);
        if (object !== undefined)
          object.content[object.content.length - 1] = (object.content.at(-1) ?? 0) ^ 1;
        return object;
      },
    });
    const { violations } = await runTransfers(cut, 9, steady('updateMetadata').slice(0, 2));
    expect(violations.map(({ problem }) => problem).join()).toMatch(/neither old nor new/);
  });

  test('sees an object that lost its tags', async () => {
    const bare = lying({
      objectOf: async (key) => {
        const object = await world.objectOf(key);
        return object && { ...object, headers: { ...object.headers, 'x-amz-tagging-count': '0' } };
      },
    });
    const { violations } = await runTransfers(bare, 9, steady('updateMetadata').slice(0, 2));
    expect(violations.map(({ problem }) => problem).join()).toMatch(/the tags are lost/);
  });

  test('sees an upload that is open, and that no error names', async () => {
    const untidy = lying({ openUploads: async () => ['left-open'] });
    const { violations } = await runTransfers(untidy, 9, steady('write').slice(0, 1));
    expect(violations.map(({ problem }) => problem).join()).toMatch(
      /the upload left-open is open, and not named/,
    );
  });
});
