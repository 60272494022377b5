import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Journal, journalPath, lockJournal } from '../src/node/journal.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-journal-'));
  path = join(folder, 'journal');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('another run finds what was written', async () => {
  const journal = await Journal.open(path);
  expect(journal.found).toBeUndefined();
  await journal.begin({ task: 1 });
  await journal.append({ part: 1 });
  await journal.append({ part: 2 });
  await journal.close();
  const again = await Journal.open(path);
  expect(again.found).toEqual({ task: { task: 1 }, done: [{ part: 1 }, { part: 2 }] });
  await again.append({ part: 3 });
  await again.close();
  const third = await Journal.open(path);
  expect(third.found?.done).toHaveLength(3);
  await third.remove();
  await expect(stat(path)).rejects.toThrow(/ENOENT/);
});

test('a line that a crash has cut is as if it were not there, and spoils none behind it', async () => {
  const journal = await Journal.open(path);
  await journal.begin({ task: 1 });
  await journal.append({ part: 1 });
  await journal.close();
  await appendFile(path, '{"part":2,"eTa');
  const again = await Journal.open(path);
  expect(again.found?.done).toEqual([{ part: 1 }]);
  await again.append({ part: 3 });
  await again.close();
  const third = await Journal.open(path);
  expect(third.found?.done).toEqual([{ part: 1 }, { part: 3 }]);
  await third.close();
});

test('a file that is none is begun anew', async () => {
  await writeFile(path, Buffer.from([0, 1, 2, 255]));
  const journal = await Journal.open(path);
  expect(journal.found).toBeUndefined();
  await journal.begin({ task: 1 });
  await journal.close();
  expect((await readFile(path, 'utf8')).startsWith('{"task":1}\n')).toBe(true);
});

describe('is used by one at a time', () => {
  test('of this process', async () => {
    const journal = await Journal.open(path);
    await expect(Journal.open(path)).rejects.toThrow(/another transfer of this process/);
    await journal.close();
    await (await Journal.open(path)).close();
  });

  test('of this process, also by another copy of the module', async () => {
    const file = '../src/node/journal.ts?another';
    const { Journal: Other }: { Journal: typeof Journal } = await import(/* @vite-ignore */ file);
    expect(Other).not.toBe(Journal);
    const journal = await Journal.open(path);
    await expect(Other.open(path)).rejects.toThrow(/another transfer of this process/);
    await journal.close();
    await (await Other.open(path)).close();
  });

  test('of all processes: one that runs keeps it, one that has ended does not', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(other, 'spawn');
    await writeFile(
      path,
      `{"task":1}\n${JSON.stringify({ process: other.pid, host: hostname() })}\n{"part":1}\n`,
    );
    await expect(Journal.open(path)).rejects.toThrow(new RegExp(`the process ${other.pid} uses the journal`));
    // Who was refused does not keep others from it.
    expect((await readFile(path, 'utf8')).match(/"left"/g)).toHaveLength(1);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const journal = await Journal.open(path);
    expect(journal.found).toEqual({ task: { task: 1 }, done: [{ part: 1 }] });
    await journal.close();
  });

  test.runIf(platform() === 'linux')(
    'of all processes: one that has ended, and that nobody has waited for, does not keep it',
    async () => {
      // The shell gives way to a program that knows of no children.
      const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [output] = await once(parent.stdout, 'data');
      const pid = Number(String(output));
      await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '));
      await writeFile(path, `${JSON.stringify({ process: pid, host: hostname(), token: 'other' })}\n`);
      await (await Journal.open(path)).close();
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    },
  );

  test.runIf(platform() === 'linux')(
    'of all processes: another one that was given the number of one that has ended does not keep it',
    async () => {
      const text = await readFile(`/proc/${process.ppid}/stat`, 'latin1');
      const started = text.slice(text.lastIndexOf(')') + 2).split(' ')[22 - 3];
      const other = { process: process.ppid, host: hostname(), token: 'other' };
      await writeFile(path, `${JSON.stringify({ ...other, started })}\n`);
      await expect(Journal.open(path)).rejects.toThrow(`the process ${process.ppid} uses the journal`);
      await writeFile(path, `${JSON.stringify({ ...other, started: `${started}0` })}\n`);
      await (await Journal.open(path)).close();
    },
  );

  test('of all processes: one that runs, and has left it, does not keep it', async () => {
    const other = { process: process.ppid, host: hostname(), token: 'other' };
    await writeFile(path, `{"task":1}\n${JSON.stringify(other)}\n{"left":"other"}\n`);
    const journal = await Journal.open(path);
    expect(journal.found?.task).toEqual({ task: 1 });
    await journal.close();
    expect((await readFile(path, 'utf8')).match(/"left"/g)).toHaveLength(2);
  });

  test('of all processes: of those that come before there is one, the first has it', async () => {
    const journal = await Journal.open(path);
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        process: process.pid,
        host: hostname(),
        token: expect.stringMatching(/^[0-9a-f-]{36}$/),
      }),
    ]);
    await journal.close();
    // Without a task there is nothing to go on with.
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
    await writeFile(path, `${JSON.stringify({ process: process.ppid, host: hostname(), token: 'a' })}\n`);
    await expect(Journal.open(path)).rejects.toThrow(new RegExp(`the process ${process.ppid} uses`));
  });
});

test('what others write is kept from all but one, by a file beside it', async () => {
  await writeFile(path, 'what others write');
  const letGo = await lockJournal(path);
  await expect(lockJournal(path)).rejects.toThrow(`uses the journal ${path}.s3kit-lock`);
  await letGo();
  expect(await readdir(folder)).toEqual(['journal']);
  const other = { process: process.ppid, host: hostname(), token: 'other' };
  await writeFile(`${path}.s3kit-lock`, `${JSON.stringify(other)}\n`);
  await expect(lockJournal(path)).rejects.toThrow(`the process ${process.ppid} uses the journal`);
  expect(await readFile(path, 'utf8')).toBe('what others write');
});

test('each transfer has a name of its own, beside its file or in a folder', () => {
  const transfer = { kind: 'upload', localFile: '/data/f', endpoint: 'e', bucket: 'b', key: 'k' } as const;
  const beside = journalPath(true, transfer);
  expect(beside).toMatch(/^\/data\/\.f\.[0-9a-f]{16}\.s3kit-upload$/);
  expect(journalPath('/journals', transfer)).toBe(beside.replace('/data/', '/journals/'));
  for (const other of [
    { ...transfer, kind: 'download' as const },
    { ...transfer, localFile: '/data/g' },
    { ...transfer, endpoint: 'e2' },
    { ...transfer, bucket: 'b2' },
    { ...transfer, key: 'k2' },
  ])
    expect(journalPath(true, other).slice(0, -7)).not.toBe(beside.slice(0, -7));
});

test('is for its owner’s eyes only', async () => {
  const journal = await Journal.open(path);
  await journal.begin({ task: 1 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await journal.close();
});
