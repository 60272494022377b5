import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prints, Workplace } from './workplace.ts';

const program = fileURLToPath(new URL('../bin/s3.js', import.meta.url));

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

/** Starts `s3 serve`; gives what it printed, and what stops it. */
async function serve(...args: string[]): Promise<{ lines: string[]; stop: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [program, 'serve', ...args], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('region:')) break;
  }
  return {
    lines,
    async stop() {
      child.kill('SIGINT');
      const [status] = (await once(child, 'exit')) as [number | null];
      return status;
    },
  };
}

test('serve prints a ready-made s3.yaml, keeps it in the folder, and keeps keys and data for the next time', async () => {
  const first = await serve('data', '--port', '0');
  await place.write('s3.yaml', first.lines.join('\n'));
  expect(await place.s3(['-v', 'create-bucket'])).toEqual(prints('my-bucket created\n'));
  expect(await place.s3(['--config', 'data/s3.yaml', 'list-buckets'])).toEqual(prints('my-bucket\n'));
  expect((await stat(place.path('data/s3.yaml'))).mode & 0o777).toBe(0o600);
  expect(await first.stop()).toBe(0);

  const second = await serve('data', '--port', '0');
  const key = /access_key_id.*/.exec(first.lines.join('\n'))?.[0];
  expect(second.lines.join('\n')).toContain(key);
  expect(await place.s3(['--config', 'data/s3.yaml', 'list-buckets'])).toEqual(prints('my-bucket\n'));
  expect(await second.stop()).toBe(0);
});

test('a port that is taken, and a folder that is in use, are said in one line', async () => {
  const port = new URL(place.server.endpoint).port;
  const taken = await place.s3(['serve', 'data', '--port', port]);
  expect(taken.stderr).toMatch(new RegExp(`^s3: [^\\n]*${port}[^\\n]*\\n$`));
  expect(taken.status).toBe(1);

  const running = await serve('data', '--port', '0');
  const second = await place.s3(['serve', 'data', '--port', '0']);
  expect(second.stderr).toMatch(/^s3: [^\n]*in use[^\n]*\n$/);
  expect(second.status).toBe(1);
  await running.stop();
});
