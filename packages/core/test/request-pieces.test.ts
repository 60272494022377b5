import { afterEach, expect, test, vi } from 'vitest';
import { bytesBody } from '../src/http.ts';
import { piecesOf } from '../src/node/request-pieces.ts';

const KiB = 1024;

afterEach(() => {
  vi.restoreAllMocks();
});

/** The lengths of a body's pieces, each of which takes so many milliseconds to go out. */
async function lengthsFor(length: number, ...durations: readonly number[]): Promise<number[]> {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const bytes = Uint8Array.from({ length }, (_, index) => index % 251);
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(bytesBody(bytes))) {
    now += durations[Math.min(pieces.length, durations.length - 1)] ?? 0;
    pieces.push(piece);
  }
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  return pieces.map((piece) => piece.byteLength / KiB);
}

test('on a fast line pieces grow up to 1 MiB', async () => {
  expect(await lengthsFor(4096 * KiB, 1)).toEqual([256, 512, 1024, 1024, 1024, 256]);
});

test('on a slow line they stay small, and become small again', async () => {
  expect(await lengthsFor(1024 * KiB, 100)).toEqual([256, 256, 256, 256]);
  expect(await lengthsFor(3072 * KiB, 1, 1, 300)).toEqual([256, 512, 1024, 256, 256, 256, 256, 256]);
});

test('no bytes have no pieces', async () => {
  expect(await lengthsFor(0, 1)).toEqual([]);
});
