import { expect, test } from 'vitest';
import { localNameOf } from '../src/local-name.ts';
import { escapeUnprintable } from '../src/printable.ts';

test.each([
  ['plain ünïcode 日本', 'plain ünïcode 日本'],
  ['red\u001b[31m', 'red\\u{1b}[31m'],
  ['two\nlines\r', 'two\\u{a}lines\\u{d}'],
  ['txt\u202egpj.exe', 'txt\\u{202e}gpj.exe'],
  ['\u009b31m', '\\u{9b}31m'],
])('%j is shown as %j', (text, shown) => {
  expect(escapeUnprintable(text)).toBe(shown);
});

test.each([
  ['a/b.txt', 'b.txt'],
  ['../../x', 'x'],
  ['a\\b', 'a\\b'],
])('the local name of %j is %j', (remote, local) => {
  expect(localNameOf(remote, 'linux')).toBe(local);
});

test('on Windows, backslashes and drives separate too', () => {
  expect(localNameOf('..\\..\\x', 'win32')).toBe('x');
  expect(localNameOf('a/C:x', 'win32')).toBe('x');
});
