// `npm start`: a guided tour. Starts an endpoint on a free port, then runs real s3 commands against it, and checks that
// each did what it says.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { root, setUp } from './setup.mjs';

setUp();

const s3 = join(root, 'apps', 'cli', 'bin', 's3.cjs');
const folder = join(root, '.s3kit', 'tour');
// What is set in the environment of whoever takes the tour must not change where it leads.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')),
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/** A step that did not do what it says ends the tour. */
class TourError extends Error {}

function check(condition, problem) {
  if (!condition) throw new TourError(problem);
}

function say(text) {
  console.log(`\n${text}`);
}

/** Shows a command as a person would type it, runs it, and shows its output. */
async function type(...args) {
  console.log(`$ s3 ${args.map(quoted).join(' ')}`);
  const child = spawn(process.execPath, [s3, ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
  }
  const [status] = await once(child, 'close');
  check(status === 0, `s3 ${args[0]} ended with status ${status}`);
  return output;
}

function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function write(name, content) {
  writeFileSync(join(folder, name), content);
}

function sameFiles(one, other) {
  return readFileSync(join(folder, one)).equals(readFileSync(join(folder, other)));
}

/** Starts `s3 serve`, and gives the process with the configuration that it printed. */
async function startEndpoint() {
  console.log('$ s3 serve s3-data --port 0 &');
  const endpoint = spawn(process.execPath, [s3, 'serve', 's3-data', '--port', '0'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endpoint.once('exit', (status) => {
    if (status !== 0) process.exitCode = 1;
  });
  const lines = [];
  for await (const line of createInterface({ input: endpoint.stdout })) {
    console.log(line.replace(/(secret_access_key: ).*/, '$1...'));
    lines.push(line);
    if (line.includes('region:')) break;
  }
  check(
    lines.some((line) => line.includes('region:')),
    'the endpoint did not start',
  );
  return { endpoint, configuration: lines.filter((line) => !line.startsWith('#')).join('\n') };
}

async function tour() {
  say('An S3 endpoint of your own. It prints the s3.yaml that the other commands need:');
  const { endpoint, configuration } = await startEndpoint();
  try {
    write('s3.yaml', `${configuration}\n`);
    const [, address] = /endpoint: "(.*)"/.exec(configuration) ?? [];

    say('Make buckets: the default one, and another.');
    await type('-v', 'create-bucket');
    await type('-v', 'create-bucket', 'my-other-bucket');
    const buckets = await type('list-buckets');
    check(buckets === 'my-bucket\nmy-other-bucket\n', 'the buckets are not listed');

    say('Put a file, with metadata.');
    write('hello.txt', 'Hello, S3!\n');
    await type(
      '-v',
      'put',
      'hello.txt',
      'letters/hello.txt',
      '--header',
      'content-type: text/plain',
      '--header',
      'x-amz-meta-state: new',
    );
    const one = await type('list', 'letters/hello.txt');
    check(one.includes('x-amz-meta-state: new'), 'the metadata is not there');

    say('Put a file of 20 MiB: it goes up in parts, several at a time.');
    write('large.bin', randomBytes(20 * 1024 * 1024));
    await type('-v', 'put', 'large.bin');

    say('Copy a file within S3, and look at all there is.');
    await type('-v', 'copy', 'letters/hello.txt', 'letters/copy of hello.txt');
    const all = await type('-v', 'list');
    check(
      all.includes('20971520 large.bin') && all.includes('11 letters/copy of hello.txt'),
      'the files are not listed',
    );

    say('Re-label the copy: new metadata, and all else stays.');
    await type('-v', 'update-metadata', 'letters/copy of hello.txt', '--header', 'x-amz-meta-state: done');
    const relabelled = await type('list', 'letters/copy of hello.txt');
    check(relabelled.includes('x-amz-meta-state: done'), 'the metadata has not changed');

    say('A link for somebody who has no keys, good for an hour:');
    const url = (await type('presign', 'letters/hello.txt')).trim();
    const answer = await fetch(url);
    const text = await answer.text();
    check(answer.status === 200 && text === 'Hello, S3!\n', `the link gave status ${answer.status}`);
    console.log(`Opened without keys, it gives: ${text.trim()}`);
    const denied = await fetch(url.replace('hello.txt', 'other.txt'));
    check(denied.status === 403, `the link opened something else (status ${denied.status})`);
    console.log(`Changed by one word, it gives: ${denied.status} ${denied.statusText}`);

    say('Down again, and compare.');
    await type('-v', 'get', 'large.bin', 'large-from-s3.bin');
    await type('-v', 'get', 'letters/copy of hello.txt');
    check(sameFiles('large.bin', 'large-from-s3.bin'), 'the large file came back changed');
    check(sameFiles('hello.txt', 'copy of hello.txt'), 'the small file came back changed');
    console.log('Both files came back as they went up.');

    say('Delete everything.');
    for (const file of ['large.bin', 'letters/hello.txt', 'letters/copy of hello.txt'])
      await type('-v', 'delete', file);
    check((await type('list')) === '', 'something is left in the bucket');
    await type('-v', 'delete-bucket');
    await type('-v', 'delete-bucket', 'my-other-bucket');
    check((await type('list-buckets')) === '', 'a bucket is left');

    return address;
  } finally {
    endpoint.kill('SIGINT');
    if (endpoint.exitCode === null) await once(endpoint, 'exit');
  }
}

function howToGoOn(address) {
  const place = relative(root, folder);
  say(`That was the tour, against ${address}. How to go on:

- Start the endpoint again, with its data in ${place}/s3-data (leave out --port 0 for port 9000):
    npx s3 serve ${place}/s3-data
- Point s3 at it from another terminal, with the s3.yaml that it prints and keeps:
    npx s3 --config ${place}/s3-data/s3.yaml list-buckets
- Point s3 at Amazon: write your own s3.yaml, and it is found in the current directory:
    s3:
        access_key_id: "..."
        secret_access_key: "..."
        default_bucket: "..."
        region: "eu-central-1"
- Help: npx s3 --help. In your own code: README.md and examples/.`);
}

try {
  howToGoOn(await tour());
} catch (error) {
  if (!(error instanceof TourError)) throw error;
  console.error(`\nThe tour ends here: ${error.message}`);
  process.exitCode = 1;
}
