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

  test('takes the text of an expiration, as JSON has it', async () => {
    let now = start;
    let calls = 0;
    const provider = async (): Promise<Credentials> => {
      calls++;
      const expiration = new Date(now + 60 * minute).toISOString();
      return { accessKeyId: 'AKID', secretAccessKey: 'hidden-word', expiration } as unknown as Credentials;
    };
    const cache = new CredentialsCache(provider, { now: () => now });
    expect((await cache.get()).expiration).toEqual(new Date(start + 60 * minute));
    now += 55 * minute;
    await cache.get();
    expect(calls).toBe(2);
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^credentials\.accessKeyId must be/],
    ['null', null, /^credentials\.accessKeyId must be/],
    ['no secret', { accessKeyId: 'AKID' }, /^credentials\.secretAccessKey must be/],
    ['a time', { expiration: 1_767_225_600 }, /^credentials\.expiration must be a Date/],
    ['no date', { expiration: 'tomorrow' }, /^credentials\.expiration must be a Date/],
    ['an invalid date', { expiration: new Date(Number.NaN) }, /^credentials\.expiration must be a Date/],
  ])('says what is wrong with what it is given: %s', async (_, wrong, message) => {
    const keys = { accessKeyId: 'AKID', secretAccessKey: 'hidden-word' };
    const isExpiration = typeof wrong === 'object' && wrong !== null && 'expiration' in wrong;
    const provider = async (): Promise<Credentials> =>
      (isExpiration ? { ...keys, ...wrong } : wrong) as Credentials;
    const failure = await new CredentialsCache(provider).get().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain('hidden-word');
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
