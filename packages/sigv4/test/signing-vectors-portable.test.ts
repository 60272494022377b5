import { expect, test, vi } from 'vitest';
import * as portable from '../src/sha256-portable.ts';
import { signingSuite } from './signing-suite.ts';

vi.mock('#sha256', () => import('../src/sha256-portable.ts'));

test('the plain JavaScript implementation is the one in use', async () => {
  expect((await import('#sha256')).sha256Hex).toBe(portable.sha256Hex);
});

signingSuite('plain JavaScript');
