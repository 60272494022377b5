import type { Action } from '@s3kit/sync';
import { expect, test } from 'vitest';
import { PlannedBytes } from '../src/planned-bytes.ts';

const entry = (name: string, size: number) => ({ name, size, modified: 0 });
const upload = (name: string, size: number): Action => ({
  kind: 'upload',
  name,
  size,
  reason: 'missing',
  source: entry(name, size),
});

test('what is sent is added up; what is skipped or deleted is not', async () => {
  const planned = new PlannedBytes();
  async function* actions(): AsyncGenerator<Action> {
    yield upload('a', 1);
    yield { kind: 'skip', name: 'b', size: 10, reason: 'exists', detail: '', serious: false };
    expect(planned.total).toBeUndefined();
    yield { kind: 'delete', name: 'c', size: 100, reason: 'extra', destination: entry('c', 100) };
    yield upload('d', 1000);
  }
  await planned.count(actions());
  expect(planned.total).toBe(1001);
});

test('what was sent before the count came to it is counted once, whether the count still finds it or not', async () => {
  const planned = new PlannedBytes();
  async function* actions(): AsyncGenerator<Action> {
    yield upload('\u{ff5e}1', 1);
    // Behind the count: it has been counted.
    planned.sent('\u{ff5e}0', 10);
    planned.sent('\u{ff5e}1', 1);
    // Before it; in UTF-16, it would be behind.
    planned.sent('\u{1f600}', 100);
    planned.sent('\u{1f601}', 1000);
    yield upload('\u{1f601}', 1000);
  }
  await planned.count(actions());
  planned.sent('\u{1f602}', 10_000);
  expect(planned.total).toBe(1101);
});

test('of a plan that fails, nothing is known', async () => {
  const planned = new PlannedBytes();
  async function* actions(): AsyncGenerator<Action> {
    yield upload('a', 1);
    throw new Error('no listing');
  }
  await planned.count(actions());
  expect(planned.total).toBeUndefined();
});
