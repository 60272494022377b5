/** `#folding` on Node. A multiple with few terms and a low degree is best; a search found these. */
import { type Folding, fold, type Update } from './fold-node.ts';

export function foldCrc32(update: Update<number>): Update<number> {
  return fold(update, ofNumbers([145, 183, 211, 300]));
}

export function foldCrc32c(update: Update<number>): Update<number> {
  return fold(update, ofNumbers([65, 155, 170, 195, 209]));
}

export function foldCrc64(update: Update<bigint>): Update<bigint> {
  return fold(update, {
    distances: [45, 54, 61, 73, 74, 120, 145, 159, 161, 162, 191, 213],
    blank: 0xffff_ffff_ffff_ffffn,
    register: (value) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, ~value, true);
      return bytes;
    },
  });
}

function ofNumbers(distances: readonly number[]): Folding<number> {
  return {
    distances,
    blank: 0xffff_ffff,
    register: (value) => Uint8Array.of(~value, ~value >>> 8, ~value >>> 16, ~value >>> 24),
  };
}
