import { expect, test, vi } from 'vitest';
import * as node from '../src/sha256-node.ts';

// Runtimes that resemble Node need not have crypto.hash, which is younger than the rest.
vi.mock('node:crypto', async (original) => ({
  ...(await original<typeof import('node:crypto')>()),
  hash: undefined,
}));

test('without crypto.hash', () => {
  expect(node.sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const key = node.createHmacKey(Buffer.from('Jefe'));
  expect(key.hex('what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});
