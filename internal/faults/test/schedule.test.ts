import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createSchedule,
  type Fault,
  type FaultKind,
  labelOf,
  type SeenRequest,
  type Weather,
} from '../src/index.ts';
import { integerBetween, pickWeighted, seededRandom } from '../src/random.ts';

const weathers: readonly Weather[] = ['calm', 'rough', 'storm', 'broken'];

function request(fields: Partial<SeenRequest> = {}): SeenRequest {
  return {
    method: 'PUT',
    target: '/b/k',
    headers: {},
    headLength: 200,
    bodyLength: 1000,
    occurrence: 0,
    ...fields,
  };
}

const anyRequest = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE'),
  target: fc.webPath().map((path) => `/b${path}`),
  headers: fc.constantFrom({}, { 'x-amz-copy-source': '/b/k' }),
  headLength: fc.integer({ min: 20, max: 2000 }),
  bodyLength: fc.integer({ min: 0, max: 1_000_000 }),
  occurrence: fc.nat(20),
});

describe('random numbers', () => {
  // The first five of seed 1, by the author's own C code of mulberry32 (Tommy Ettinger, public domain).
  test('are those of mulberry32', () => {
    const random = seededRandom(1);
    expect(Array.from({ length: 5 }, () => Math.floor(random() * 2 ** 32))).toEqual([
      2693262067, 11749833, 2265367787, 4213581821, 4159151403,
    ]);
  });

  test('stay within their bounds, and reach both', () => {
    const random = seededRandom(7);
    const numbers = Array.from({ length: 1000 }, () => integerBetween(random, 3, 6));
    expect(new Set(numbers)).toEqual(new Set([3, 4, 5, 6]));
  });

  test('choose by weight', () => {
    const random = seededRandom(7);
    const counts = { often: 0, never: 0, seldom: 0 };
    for (let i = 0; i < 4000; i++)
      counts[
        pickWeighted(random, [
          ['often', 3],
          ['never', 0],
          ['seldom', 1],
        ] as const)
      ]++;
    expect(counts.never).toBe(0);
    expect(counts.often / counts.seldom).toBeGreaterThan(2.5);
    expect(counts.often / counts.seldom).toBeLessThan(3.5);
  });
});

describe('a schedule', () => {
  test('gives the same fault for the same seed and request, in any order', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(...weathers),
        fc.array(anyRequest),
        (seed, weather, requests) => {
          const [one, other] = [createSchedule(seed, weather), createSchedule(seed, weather)];
          const forwards = requests.map(one);
          const backwards = requests.toReversed().map(other).toReversed();
          expect(backwards).toEqual(forwards);
        },
      ),
    );
  });

  test('does not depend on the upload id, which differs from run to run', () => {
    const schedule = createSchedule(3, 'rough');
    for (let partNumber = 1; partNumber < 50; partNumber++) {
      const [one, other] = ['a', 'b'].map((id) =>
        schedule(request({ target: `/b/k?partNumber=${partNumber}&uploadId=${id}` })),
      );
      expect(one).toEqual(other);
    }
    expect(labelOf('PUT', '/b/k?partNumber=1&uploadId=x')).not.toBe(
      labelOf('PUT', '/b/k?partNumber=2&uploadId=x'),
    );
    expect(labelOf('GET', '/b/k?X-Amz-Signature=1&X-Amz-Date=2')).toBe(labelOf('GET', '/b/k'));
  });

  test('cuts a request within its bytes', () => {
    fc.assert(
      fc.property(fc.integer(), anyRequest, (seed, seen) => {
        const fault = createSchedule(seed, 'rough')(seen);
        if (!('afterBytes' in fault)) return;
        expect(fault.afterBytes).toBeGreaterThanOrEqual(0);
        if ('direction' in fault && fault.direction === 'up')
          expect(fault.afterBytes).toBeLessThan(seen.headLength + seen.bodyLength);
      }),
    );
  });

  test('holds every kind of fault in rough weather, and passes about every other request', () => {
    const schedule = createSchedule(11, 'rough');
    const faults = Array.from({ length: 2000 }, (_, occurrence) => schedule(request({ occurrence })));
    const count = (kind: FaultKind): number => faults.filter((fault) => fault.kind === kind).length;
    const kinds: readonly FaultKind[] = [
      'reset',
      'answer',
      'stall',
      'truncate',
      'drip',
      'delay',
      'duplicate',
      'refuse',
    ];
    expect(kinds.filter((kind) => count(kind) === 0)).toEqual([]);
    expect(count('pass') / faults.length).toBeCloseTo(0.5, 1);
  });

  test('puts errors into a 200 for copies and completed uploads only', () => {
    const inside = (fields: Partial<SeenRequest>): boolean =>
      Array.from({ length: 2000 }, (_, occurrence) =>
        createSchedule(5, 'rough')(request({ ...fields, occurrence })),
      ).some((fault: Fault) => fault.kind === 'answer' && fault.answer.status === 200);
    expect(inside({ headers: { 'x-amz-copy-source': '/b/s' } })).toBe(true);
    expect(inside({ method: 'POST', target: '/b/k?uploadId=1' })).toBe(true);
    expect(inside({ method: 'POST', target: '/b/k?uploads=' })).toBe(false);
    expect(inside({})).toBe(false);
  });

  test('is over after some refusals in a storm', () => {
    fc.assert(
      fc.property(fc.integer(), anyRequest, (seed, seen) => {
        const schedule = createSchedule(seed, 'storm');
        const faults = Array.from({ length: 8 }, (_, occurrence) => schedule({ ...seen, occurrence }).kind);
        expect(faults.join(' ')).toMatch(/^(answer ?){0,5}(pass ?){3,8}$/);
      }),
    );
  });

  test('fails every attempt of some requests when the service is broken', () => {
    const schedule = createSchedule(2, 'broken');
    const fates = Array.from({ length: 200 }, (_, part) =>
      [0, 1, 2, 3].map(
        (occurrence) => schedule(request({ target: `/b/k?partNumber=${part}`, occurrence })).kind,
      ),
    );
    const dead = fates.filter((kinds) => !kinds.includes('pass'));
    const well = fates.filter((kinds) => kinds.every((kind) => kind === 'pass'));
    expect(dead.length).toBeGreaterThan(10);
    expect(dead.length + well.length).toBe(200);
  });

  test('fails a handshake where a client begins with TLS', () => {
    const failures = Array.from({ length: 40 }, (_, occurrence) =>
      createSchedule(1, 'calm')(request({ method: 'TLS', target: '', occurrence })),
    ).map((fault) => (fault.kind === 'handshake' ? fault.failure : fault.kind));
    expect(new Set(failures)).toEqual(new Set(['close', 'garbage', 'reset', 'stall']));
  });
});
