import { expect, test } from 'vitest';
import { decodeAwsChunked } from '../src/aws-chunked.ts';
import { type ChecksumAlgorithm, checksumAlgorithms, createChecksum } from '../src/checksums.ts';
import { combineCrc, crcs } from '../src/crc.ts';
import { bytesOf } from './bytes.ts';
import bodies from './vectors/aws-chunked.json' with { type: 'json' };
import checksums from './vectors/checksums.json' with { type: 'json' };

const algorithms = Object.keys(checksumAlgorithms) as ChecksumAlgorithm[];

test.each(checksums.values.flatMap((vector) => algorithms.map((algorithm) => ({ ...vector, algorithm }))))(
  '$algorithm of $name, whole and in pieces',
  ({ input, algorithm, ...vector }) => {
    const bytes = bytesOf(input);
    for (const size of [bytes.length, 7, 65_537]) {
      if (size < 100 && bytes.length > 100_000) continue;
      const checksum = createChecksum(algorithm);
      for (let at = 0; at < bytes.length; at += size) checksum.update(bytes.subarray(at, at + size));
      expect(checksum.base64()).toBe(vector[algorithm]);
    }
  },
);

test.each(checksums.combine)('joined: $name', ({ algorithm, crcA, crcB, lengthB, combinedHex }) => {
  // The rows name the three CRCs only.
  const crc = crcs[algorithm.toLowerCase() as keyof typeof crcs];
  const value = (base64: string) => BigInt(`0x${Buffer.from(base64, 'base64').toString('hex')}`);
  const combined = combineCrc(crc, value(crcA), value(crcB), lengthB);
  expect(combined.toString(16).padStart(crc.width / 4, '0')).toBe(combinedHex);
});

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decoded(bytes: Buffer, size: number): Promise<{ data: Buffer; trailer: [string, string][] }> {
  const trailer: [string, string][] = [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeAwsChunked(cut(bytes, size), (fields) => trailer.push(...fields)))
    chunks.push(chunk);
  return { data: Buffer.concat(chunks), trailer };
}

test.each(bodies)('aws-chunked, in any cuts: $name', async ({ encoded, input, trailers }) => {
  for (const size of [1, 2, 3, 10, 1000]) {
    const { data, trailer } = await decoded(Buffer.from(encoded, 'latin1'), size);
    expect(data.equals(bytesOf(input))).toBe(true);
    expect(trailer).toEqual(trailers);
  }
});

test.each([
  ['no framing', 'hello world'],
  ['ends in the data', '5\r\nhel'],
  ['ends in the size', '5'],
  ['ends before the last chunk', '1\r\na\r\n'],
  ['no line end behind the data', '1\r\nab\r\n0\r\n\r\n'],
  ['a size that is none', 'xyz\r\na\r\n0\r\n\r\n'],
  ['a negative size', '-1\r\na\r\n0\r\n\r\n'],
  ['a trailer without a colon', '0\r\nx-amz-checksum-crc32\r\n\r\n'],
  ['data behind the end', '0\r\n\r\nmore'],
  ['an endless size', '0'.repeat(20_000)],
])('aws-chunked, refused: %s', async (_, text) => {
  for (const size of [1, 1000]) {
    await expect(decoded(Buffer.from(text), size)).rejects.toMatchObject({ code: 'IncompleteBody' });
  }
});
