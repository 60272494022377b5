import { expect, test } from 'vitest';
import { heldInMemory, largestHeld } from '../src/piece-memory.ts';

const MiB = 1024 ** 2;

test.each([
  ['what transfers have, and four parts', 256 * MiB, 4, 64 * MiB],
  ['more memory', 2048 * MiB, 4, 512 * MiB],
  ['one part at a time', 256 * MiB, 1, 256 * MiB],
  ['many parts at a time: fewer are under way, but none is read twice', 256 * MiB, 16, 64 * MiB],
  ['more than one read gives', 16_384 * MiB, 1, 1024 * MiB],
])('what is held of a file: %s', (_, memory, concurrency, largest) => {
  expect(largestHeld(memory, concurrency)).toBe(largest);
});

test('what is not held takes the little that is under way', () => {
  expect(heldInMemory(64 * MiB, 64 * MiB)).toBe(64 * MiB);
  expect(heldInMemory(64 * MiB + 1, 64 * MiB)).toBe(MiB);
});
