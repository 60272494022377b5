import type { Crc } from './crc.ts';

/** What zero bytes do to a CRC, as a matrix over single bits: its columns. */
type Operator = readonly bigint[];

/**
 * What so many zero bytes do to a CRC.
 *
 * The operator of one bit is squared again and again: that costs the logarithm of the length, and still a millisecond. Parts of
 * the same length share it.
 */
export function zeros({ width, polynomial }: Crc, length: number): Operator {
  let squared: Operator = Array.from({ length: width }, (_, bit) =>
    bit === 0 ? polynomial : 1n << BigInt(bit - 1),
  );
  let operator: Operator = Array.from({ length: width }, (_, bit) => 1n << BigInt(bit));
  for (let bits = BigInt(length) * 8n; bits > 0n; bits >>= 1n) {
    if (bits & 1n) operator = after(squared, operator);
    squared = after(squared, squared);
  }
  return operator;
}

/** The CRC of A followed by B, from the CRC of A, the CRC of B, and what B's length in zeros does. */
export function combineCrc(first: bigint, second: bigint, secondLength: Operator): bigint {
  return multiply(secondLength, first) ^ second;
}

function after(second: Operator, first: Operator): Operator {
  return first.map((column) => multiply(second, column));
}

function multiply(matrix: readonly bigint[], vector: bigint): bigint {
  let sum = 0n;
  for (let rest = vector, bit = 0; rest > 0n; rest >>= 1n, bit++) {
    if (rest & 1n) sum ^= matrix[bit] ?? 0n;
  }
  return sum;
}
