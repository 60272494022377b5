import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLocation } from '../src/s3-uri.ts';
import { wordsOf } from '../src/shell-words.ts';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(async () => {
  place = await Workplace.open();
});
afterAll(() => place.close());

/** What the examples of a help do with buckets: they are to be read as they stand. */
function placesIn(help: string): string[] {
  const places = [...help.matchAll(/^ *(?:\$ )?(s3 [a-z].*)$/gm)]
    .flatMap(([, example = '']) => wordsOf(example))
    .filter((word) => word.startsWith('s3://'));
  for (const place of places) expect(parseLocation(place), place).toMatchObject({ kind: 's3' });
  return places;
}

const documented = ['get', 'put', 'delete', 'list', 'create-bucket', 'delete-bucket', 'list-buckets'];

test.each([[['--help']], [['-h']], [[]]])('%j shows all commands and options', async (args) => {
  const { stdout, stderr, status } = await place.s3(args);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toContain('Commands operate on the default bucket unless the --bucket option is used.');
  for (const usage of [
    'get <remote_src> [local_dst]',
    'put <local_src> [remote_dst]',
    'delete <delete_file>',
    'list [list_file]',
    'create-bucket [bucket_name]',
    'delete-bucket [bucket_name]',
    'list-buckets [bucket_name]',
  ]) {
    expect(stdout).toContain(usage);
  }
  for (const option of ['-h, --help', '-c, --config CONFIG', '-v, --verbose', '-b, --bucket BUCKET'])
    expect(stdout).toContain(option);
});

const commands =
  'ls cp mv rm sync diff cat pipe head du find presign mb rb run serve configure doctor completion';

test.each([...documented, 'copy', 'update-metadata', ...commands.split(' ')])(
  '%s --help has its description and an example',
  async (command) => {
    const { stdout, stderr, status } = await place.s3([command, '--help']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toContain(`s3 ${command}`);
    expect(stdout).toContain('Examples');
    if (['ls', 'cp', 'rm'].includes(command))
      expect(placesIn(stdout).some((word) => word.includes('*'))).toBe(true);
    else placesIn(stdout);
  },
);

test.each(['versions', 'tag', 'acl', 'bucket', 'uploads'])(
  '%s --help has the commands that begin like this, each with its own help',
  async (group) => {
    const { stdout, stderr, status } = await place.s3([group, '--help']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect((await place.s3([group, '-h'])).stdout).toBe(stdout);
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+ [a-z-]+)(?: <|$)/gm)].map(
      ([, command = '']) => command,
    );
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) {
      expect(stdout).toContain(`      s3 ${command}`);
      expect((await place.s3([...command.split(' '), '--help'])).stdout).toContain(`s3 ${command}`);
    }
  },
);

test('the help of a command is plain text in a pipe, and names what options take', async () => {
  const { stdout } = await place.s3(['cp', '--help'], { TERM: 'xterm-256color', COLORTERM: 'truecolor' });
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toContain('s3 cp <source> ... <destination>');
  expect(stdout).toMatch(/^ {2}--part-size VALUE +bytes of each part/m);
  expect(await place.onTerminal('cp --help')).toContain('\u001b[1m');
  expect(await place.onTerminal('cp --help', { NO_COLOR: '1' })).not.toContain('\u001b[1m');
});

test('--version prints the version', async () => {
  expect((await place.s3(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
