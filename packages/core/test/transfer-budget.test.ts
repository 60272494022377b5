import { expect, test } from 'vitest';
import { TransferBudget } from '../src/transfer-budget.ts';

/** A task that ends when it is told to. */
function gate(): {
  readonly open: () => void;
  readonly task: () => Promise<void>;
  readonly started: () => boolean;
} {
  let open = (): void => undefined;
  let started = false;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    open,
    started: () => started,
    task: () => {
      started = true;
      return opened;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('starts tasks in the order in which they came, as many as there is room for', async () => {
  const budget = new TransferBudget({ requests: 2, bytes: 100 });
  const gates = Array.from({ length: 4 }, gate);
  const all = gates.map(({ task }) => budget.use(10, task));
  await turn();
  expect(gates.map(({ started }) => started())).toEqual([true, true, false, false]);
  gates[1]?.open();
  await turn();
  expect(gates.map(({ started }) => started())).toEqual([true, true, true, false]);
  for (const { open } of gates) open();
  await Promise.all(all);
});

test('minds the bytes that tasks hold, and lets nothing small overtake what waits', async () => {
  const budget = new TransferBudget({ requests: 10, bytes: 100 });
  const [first, large, small] = [gate(), gate(), gate()];
  const all = [budget.use(60, first.task), budget.use(50, large.task), budget.use(1, small.task)];
  await turn();
  expect([large.started(), small.started()]).toEqual([false, false]);
  first.open();
  await turn();
  expect([large.started(), small.started()]).toEqual([true, true]);
  large.open();
  small.open();
  await Promise.all(all);
});

test('a task that is larger than all there is goes alone', async () => {
  const budget = new TransferBudget({ requests: 10, bytes: 100 });
  const [small, giant] = [gate(), gate()];
  const all = [budget.use(1, small.task), budget.use(1_000, giant.task)];
  await turn();
  expect(giant.started()).toBe(false);
  small.open();
  await turn();
  expect(giant.started()).toBe(true);
  giant.open();
  await Promise.all(all);
});

test('who is aborted while waiting gives up the place, and takes nothing', async () => {
  const budget = new TransferBudget({ requests: 1, bytes: 100 });
  const [first, second] = [gate(), gate()];
  const stop = new AbortController();
  const one = budget.use(1, first.task);
  const aborted = budget.use(1, async () => undefined, stop.signal);
  const two = budget.use(1, second.task);
  stop.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  first.open();
  await turn();
  expect(second.started()).toBe(true);
  second.open();
  await Promise.all([one, two]);
});

test('a task that fails gives back what it took', async () => {
  const budget = new TransferBudget({ requests: 1, bytes: 100 });
  await expect(budget.use(1, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(budget.use(1, async () => 'yes')).resolves.toBe('yes');
});
