import { seededRandom } from '../random.ts';

/** Bytes that are the same each time for the same seed and size. */
export function contentOf(seed: number, size: number): Buffer {
  const random = seededRandom(seed);
  const content = Buffer.alloc(size);
  let offset = 0;
  for (; offset + 4 <= size; offset += 4) content.writeUInt32LE(Math.floor(random() * 2 ** 32), offset);
  for (; offset < size; offset++) content[offset] = Math.floor(random() * 256);
  return content;
}
