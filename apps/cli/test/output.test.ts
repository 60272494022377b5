import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Output } from '../src/output.ts';

/** An output; what it writes, in order, as `stream: text`. */
function open(accepts: (bytes: number) => boolean = () => true): {
  output: Output;
  written: string[];
  slow: Writable;
} {
  const written: string[] = [];
  const to = (name: string): Writable => {
    const stream = new Writable();
    stream.write = (text: string): boolean => {
      written.push(`${name}: ${text}`);
      return accepts(text.length);
    };
    return stream;
  };
  const streams = { stdout: to('out'), stderr: to('err'), signal: new AbortController().signal };
  const output = new Output('ls', streams, { json: false, verbose: false, quiet: false });
  return { output, written, slow: streams.stdout };
}

test('lines that come at once are written together, and soon', async () => {
  const { output, written } = open();
  await output.line('one');
  await output.line('two');
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual(['out: one\ntwo\n']);
  await output.line('three');
  await turn();
  expect(written).toEqual(['out: one\ntwo\n', 'out: three\n']);
});

test('what is complained about comes after what was printed before', async () => {
  const { output, written } = open();
  await output.line('one');
  output.fail(new Error('no'), 'two');
  await output.line('three');
  expect(output.flush()).toBe(true);
  await turn();
  expect(written).toEqual(['out: one\n', 'err: s3: ls: two: no\n', 'out: three\n']);
});

test('a line waits where the reader is slower, and no more than 16 KiB wait to be written', async () => {
  const { output, written, slow } = open(() => false);
  await output.line('short');
  let isWritten = false;
  const long = output.line('x'.repeat(20_000))?.then(() => {
    isWritten = true;
  });
  await turn();
  expect(written).toHaveLength(1);
  expect(isWritten).toBe(false);
  slow.emit('drain');
  await long;
  expect(isWritten).toBe(true);
});
