import type { Crc } from './crc.ts';

/**
 * The CRC of A followed by B, from the CRC of A, the CRC of B, and B's length in bytes.
 *
 * A's CRC goes through as many zero bits as B has, by squaring the operator of one: that costs the logarithm of the length.
 */
export function combineCrc(
  { width, polynomial }: Crc,
  first: bigint,
  second: bigint,
  secondLength: number,
): bigint {
  let operator = Array.from({ length: width }, (_, bit) => (bit === 0 ? polynomial : 1n << BigInt(bit - 1)));
  let value = first;
  for (let bits = BigInt(secondLength) * 8n; bits > 0n; bits >>= 1n) {
    if (bits & 1n) value = multiply(operator, value);
    operator = operator.map((column) => multiply(operator, column));
  }
  return value ^ second;
}

function multiply(matrix: readonly bigint[], vector: bigint): bigint {
  let sum = 0n;
  for (let rest = vector, bit = 0; rest > 0n; rest >>= 1n, bit++) {
    if (rest & 1n) sum ^= matrix[bit] ?? 0n;
  }
  return sum;
}
