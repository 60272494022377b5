import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ChecksumAlgorithm,
  checksumLengths,
  checksumOf,
  createChecksum,
  isChecksumAlgorithm,
  isChecksumValue,
  isCrcAlgorithm,
  multipartChecksum,
} from '../src/index.ts';

type Input = { utf8: string } | { hex: string } | { repeatHex: string; count: number };

interface Vectors {
  values: (Record<string, { hex: string; base64: string }> & {
    name: string;
    input: Input;
    length: number;
  })[];
  multipart: {
    name: string;
    parts: (Record<string, string> & { length: number })[];
    fullObject: Record<string, string>;
    composite: Record<string, string>;
  }[];
  combine: {
    name: string;
    algorithm: string;
    crcA: string;
    crcB: string;
    lengthA?: number;
    lengthB: number;
    combined: string;
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('vectors/checksums.json', import.meta.url), 'utf8'),
) as Vectors;
const algorithms = Object.keys(checksumLengths).filter(isChecksumAlgorithm);

function bytesOf(input: Input): Uint8Array {
  if ('utf8' in input) return Buffer.from(input.utf8);
  if ('hex' in input) return Buffer.from(input.hex, 'hex');
  return Buffer.alloc(input.count * (input.repeatHex.length / 2), Buffer.from(input.repeatHex, 'hex'));
}

describe('values', () => {
  const cases = vectors.values.flatMap((vector) =>
    algorithms
      .filter((algorithm) => vector[algorithm] !== undefined)
      .map((algorithm) => ({
        name: vector.name,
        algorithm,
        input: vector.input,
        expected: vector[algorithm]?.base64,
      })),
  );
  test('there are values for every algorithm', () => {
    expect(new Set(cases.map(({ algorithm }) => algorithm))).toEqual(new Set(algorithms));
  });
  test.each(cases)('$algorithm of $name', ({ algorithm, input, expected }) => {
    expect(checksumOf(algorithm, bytesOf(input))).toBe(expected);
  });
});

describe('objects of several parts', () => {
  const cases = vectors.multipart.flatMap(({ name, parts, fullObject, composite }) => [
    ...Object.entries(fullObject).map(([algorithm, expected]) => ({
      name,
      algorithm,
      type: 'FULL_OBJECT' as const,
      parts,
      expected,
    })),
    ...Object.entries(composite).map(([algorithm, expected]) => ({
      name,
      algorithm,
      type: 'COMPOSITE' as const,
      parts,
      expected,
    })),
  ]);
  test.each(cases)('$type $algorithm of $name', ({ algorithm, type, parts, expected }) => {
    if (!isChecksumAlgorithm(algorithm)) throw new Error(`no such algorithm: ${algorithm}`);
    const values = parts.map((part) => ({ value: part[algorithm] ?? '', size: part.length }));
    expect(multipartChecksum(algorithm, type, values)).toBe(expected);
  });

  test.each(vectors.combine)(
    'the CRC of two halves: $name',
    ({ algorithm: name, crcA, crcB, lengthB, combined }) => {
      const algorithm = name.toLowerCase();
      if (!isChecksumAlgorithm(algorithm)) throw new Error(`no such algorithm: ${name}`);
      expect(
        multipartChecksum(algorithm, 'FULL_OBJECT', [
          { value: crcA, size: 0 },
          { value: crcB, size: lengthB },
        ]),
      ).toBe(combined);
    },
  );

  test('a hash cannot be combined', () => {
    expect(() => multipartChecksum('sha256', 'FULL_OBJECT', [])).toThrow(RangeError);
  });
});

describe('laws', () => {
  const crc = fc.constantFrom(...algorithms.filter(isCrcAlgorithm));
  const algorithm = fc.constantFrom<ChecksumAlgorithm>(...algorithms);

  test('any cut gives the same value', () => {
    fc.assert(
      fc.property(algorithm, fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (name, chunks) => {
        const checksum = createChecksum(name);
        for (const chunk of chunks) checksum.update(chunk);
        expect(checksum.base64()).toBe(checksumOf(name, Buffer.concat(chunks)));
      }),
    );
  });

  test('the parts’ CRCs combine to the whole’s', () => {
    fc.assert(
      fc.property(crc, fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (name, chunks) => {
        const parts = chunks.map((chunk) => ({ value: checksumOf(name, chunk), size: chunk.length }));
        expect(multipartChecksum(name, 'FULL_OBJECT', parts)).toBe(checksumOf(name, Buffer.concat(chunks)));
      }),
    );
  });
});

test('a value has its length, in canonical Base64', () => {
  expect(isChecksumValue('crc32', 'AAAAAA==')).toBe(true);
  expect(isChecksumValue('crc32', 'AAAAAB==')).toBe(false);
  expect(isChecksumValue('crc32', 'AAAAAAAAAAA=')).toBe(false);
  expect(isChecksumValue('md5', createHash('md5').update('').digest('base64'))).toBe(true);
  expect(isChecksumAlgorithm('toString')).toBe(false);
});
