import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Credentials, CredentialsCache } from '../src/index.ts';

const minute = 60_000;
const start = Date.UTC(2026, 0, 1);

/** A source of credentials that each last for so long, and a clock; the source fails while it is told to. */
function source(lifetime: number | undefined) {
  const state = { now: start, calls: 0, failing: false, forced: [] as unknown[] };
  const provider = async (request?: unknown): Promise<Credentials> => {
    state.calls++;
    state.forced.push(request);
    await Promise.resolve();
    if (state.failing) throw new Error('the source is down');
    return {
      accessKeyId: `AKID${state.calls}`,
      secretAccessKey: 'hidden-word',
      ...(lifetime !== undefined && { expiration: new Date(state.now + lifetime) }),
    };
  };
  return { state, cache: new CredentialsCache(provider, { now: () => state.now }) };
}

describe('CredentialsCache', () => {
  test('asks once for all who ask at a time', async () => {
    const { state, cache } = source(60 * minute);
    const all = await Promise.all(Array.from({ length: 100 }, () => cache.get()));
    expect(state.calls).toBe(1);
    expect(new Set(all).size).toBe(1);
  });

  test.each([
    { lifetime: 60, refreshedAt: 55 },
    { lifetime: 15, refreshedAt: 13.5 },
    { lifetime: 12 * 60, refreshedAt: 12 * 60 - 5 },
  ])('asks again in minute $refreshedAt of $lifetime', async ({ lifetime, refreshedAt }) => {
    const { state, cache } = source(lifetime * minute);
    await cache.get();
    state.now = start + refreshedAt * minute - 1;
    expect((await cache.get()).accessKeyId).toBe('AKID1');
    state.now = start + refreshedAt * minute;
    expect((await cache.get()).accessKeyId).toBe('AKID2');
  });

  test('keeps credentials without an end', async () => {
    const { state, cache } = source(undefined);
    await cache.get();
    state.now += 365 * 24 * 60 * minute;
    expect((await cache.get()).accessKeyId).toBe('AKID1');
  });

  test('keeps what is still valid while the source is down, and asks once a minute; then fails', async () => {
    const { state, cache } = source(60 * minute);
    await cache.get();
    state.failing = true;
    state.now = start + 55 * minute;
    expect((await cache.get()).accessKeyId).toBe('AKID1');
    expect((await cache.get()).accessKeyId).toBe('AKID1');
    expect(state.calls).toBe(2);
    state.now += minute;
    expect((await cache.get()).accessKeyId).toBe('AKID1');
    expect(state.calls).toBe(3);
    state.now = start + 60 * minute;
    await expect(cache.get()).rejects.toThrow('the source is down');
    state.failing = false;
    expect((await cache.get()).accessKeyId).toBe('AKID5');
  });

  test('a first failure is not kept', async () => {
    const { state, cache } = source(60 * minute);
    state.failing = true;
    await expect(cache.get()).rejects.toThrow('the source is down');
    state.failing = false;
    expect((await cache.get()).accessKeyId).toBe('AKID2');
  });

  test('replaces what was refused, once for all who were refused', async () => {
    const { state, cache } = source(60 * minute);
    const refused = await cache.get();
    const replaced = await Promise.all([cache.replace(refused), cache.replace(refused)]);
    expect(replaced.map(({ accessKeyId }) => accessKeyId)).toEqual(['AKID2', 'AKID2']);
    // One that was refused in the meantime, and learns of it later.
    expect((await cache.replace(refused)).accessKeyId).toBe('AKID2');
    expect(state.forced).toEqual([{ forceRefresh: false }, { forceRefresh: true }]);
  });

  test('shows no secret', async () => {
    const { cache } = source(undefined);
    await cache.get();
    expect(inspect(cache, { depth: 9, showHidden: true }) + JSON.stringify(cache)).not.toContain(
      'hidden-word',
    );
  });
});
