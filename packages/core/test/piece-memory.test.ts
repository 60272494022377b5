import { expect, test } from 'vitest';
import { countedInMemory, pieceMemory } from '../src/node/piece-memory.ts';

const MiB = 1024 ** 2;
const usual = { memory: 256 * MiB, isChosen: false, concurrency: 4, canBeStreamed: false };

test.each([
  ['every part that S3 needs for 5 TiB', usual, 1024 * MiB],
  ['little of what can be sent as it is read', { ...usual, canBeStreamed: true }, 64 * MiB],
  ['what four parts have of the chosen memory', { ...usual, isChosen: true }, 64 * MiB],
  ['more of more memory', { ...usual, isChosen: true, memory: 2048 * MiB }, 512 * MiB],
  ['one part at a time', { ...usual, isChosen: true, concurrency: 1 }, 256 * MiB],
  ['fewer parts under way, but none is read twice', { ...usual, isChosen: true, concurrency: 16 }, 64 * MiB],
  ['no more than 1 GiB', { ...usual, isChosen: true, memory: 16_384 * MiB, concurrency: 1 }, 1024 * MiB],
])('what is held of a file: %s', (_, circumstances, largest) => {
  expect(pieceMemory(circumstances).largest).toBe(largest);
});

test.each([
  ['a part that is held', 64, usual, 64],
  ['a larger one no more than its share, so that as many are under way', 525, usual, 64],
  ['all of it where the memory was chosen', 512, { ...usual, isChosen: true, memory: 2048 * MiB }, 512],
  ['the little that is under way of one that is not held', 65, { ...usual, isChosen: true }, 1],
])('what counts: %s', (_, length, circumstances, counted) => {
  expect(countedInMemory(length * MiB, pieceMemory(circumstances))).toBe(counted * MiB);
});
