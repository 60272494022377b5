// What `s3 completion` prints, in the shells that it is for: bash, zsh and fish, from Debian's packages.
import { equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from '@s3kit-internal/debian/packages';
import { run } from '@s3kit-internal/debian/run';

const program = fileURLToPath(new URL('../../apps/cli/bin/s3.cjs', import.meta.url));

/** What is typed, and what it becomes by one press of the tabulator. */
const lines = [
  ['s3 sy', 's3 sync'],
  ['s3 sync --exac', 's3 sync --exact-timestamps'],
  ['s3 --region x ls --recu', 's3 --region x ls --recursive'],
  ['s3 versions un', 's3 versions undelete'],
  ['s3 bucket get --js', 's3 bucket get --json'],
  // A file of the folder, where none of our words fits.
  ['s3 cp only-fi', 's3 cp only-file.txt'],
];

await installPackages({ programs: ['zsh', 'fish'], packages: ['zsh', 'fish'], log: console.log });
const folder = await mkdtemp(join(tmpdir(), 's3kit-shells-'));
const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
try {
  await writeFile(join(folder, 's3'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(join(folder, 's3'), 0o755);
  await writeFile(join(folder, 'only-file.txt'), '');
  for (const [typed, completed] of lines) {
    for (const [shell, words] of [
      ['bash', ['--norc', '--noprofile']],
      ['zsh', ['-f']],
    ])
      match(await shown(shell, words, typed, completed), new RegExp(`${completed} `), `${shell}: ${typed}`);
    const said = await run(
      'fish',
      ['-c', `cd '${folder}'; s3 completion fish | source; complete -C '${typed}'`],
      {
        env,
      },
    );
    const [last] = completed.split(' ').slice(-1);
    equal(said.split(/[\t\n]/)[0], last, `fish: ${typed}`);
    console.log(`completed: ${completed}`);
  }
} finally {
  await rm(folder, { recursive: true });
}

/**
 * What a shell shows on a terminal when a line is typed into it.
 *
 * @param {string} shell
 * @param {readonly string[]} words
 * @param {string} typed
 * @param {string} completed
 */
async function shown(shell, words, typed, completed) {
  const child = spawn('/usr/bin/script', ['-qec', [shell, ...words, '-i'].join(' '), '/dev/null'], {
    cwd: folder,
    env,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const until = async (/** @type {string} */ sign) => {
    for (let waited = 0; !text.includes(sign) && waited < 10_000; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  // The sign is put together by the shell: that it is shown is not the echo of what was typed.
  child.stdin.write(`PS1='> '; source <(s3 completion ${shell}); echo rea''dy\n`);
  await until('ready');
  text = '';
  child.stdin.write(`${typed}\t`);
  await until(`${completed} `);
  const ended = once(child, 'close');
  child.kill();
  await ended;
  return text;
}
