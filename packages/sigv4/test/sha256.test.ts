import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_SHA256 } from '../src/index.ts';
import * as node from '../src/sha256-node.ts';
import * as portable from '../src/sha256-portable.ts';

const implementations = { 'node:crypto': node, 'plain JavaScript': portable };

// FIPS 180-4 and the NIST example values for SHA-256.
const digests: [text: string, hex: string][] = [
  ['', EMPTY_SHA256],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
];

describe.each(Object.entries(implementations))('%s', (_, implementation) => {
  test.each(digests.map(([text, hex]) => [text.slice(0, 20), text, hex]))(
    'SHA-256 of %j',
    (_start, text, hex) => {
      expect(implementation.sha256Hex(text)).toBe(hex);
      expect(implementation.sha256Hex(new TextEncoder().encode(text))).toBe(hex);
    },
  );

  test('SHA-256 in pieces, of text and bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 200 }))),
        (pieces) => {
          const hash = implementation.createSha256();
          const expected = createHash('sha256');
          for (const piece of pieces) {
            expect(hash.update(piece)).toBe(hash);
            expected.update(piece);
          }
          expect(hash.digestHex()).toBe(expected.digest('hex'));
        },
      ),
    );
  });

  // RFC 4231, test case 2.
  test('HMAC-SHA-256', () => {
    const hex = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    expect(
      Buffer.from(implementation.hmacSha256('Jefe', 'what do ya want for nothing?')).toString('hex'),
    ).toBe(hex);
    const key = implementation.createHmacKey(Buffer.from('Jefe'));
    expect(key.hex('what do ya want for nothing?')).toBe(hex);
  });

  test('one HMAC key for many messages, short after long', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), lengths, (bytes, list) => {
        const key = implementation.createHmacKey(bytes);
        for (const length of list) {
          const message = 'm'.repeat(length);
          expect(key.hex(message)).toBe(createHmac('sha256', bytes).update(message).digest('hex'));
        }
      }),
    );
  });
});
