// The same operations by `aws s3` and by `s3`, on the same tree: they leave the same bucket and the same files. Where they do not, the
// table of differences says so, and why; that, too, is tried.
import { deepEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { S3Connection, S3Name, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { aptInstall } from '@s3kit-internal/debian/packages';
import { differences } from './differences.mjs';

const user = { accessKeyId: 'DIFFERENTIAL', secretAccessKey: 'differential-secret' };
const program = fileURLToPath(new URL('../../apps/cli/bin/s3.cjs', import.meta.url));

const tree = {
  'a.txt': 'a',
  empty: '',
  'with space and ünïcode 日本.txt': 'b',
  'plus+percent%20&amp;=#.txt': 'c',
  'quote\'d "twice"': 'd',
  'deep/er/and/deeper/f': 'e',
  'deep/er.txt': 'f',
  'deep-er/f': 'g',
  'logs/2026.log': 'h'.repeat(5000),
  'logs/old/2025.log': 'i',
  'Case.txt': 'j',
  'case.txt': 'k',
  // One letter, composed and decomposed: two names.
  'normal/\u00e9': 'l',
  'normal/e\u0301': 'm',
  ' leading and trailing ': 'n',
  'back\\slash\\..\\x': 'o',
  'two\nlines': 'p',
  '...': 'q',
  '.hidden/~': 'r',
  [`long/${'x'.repeat(255)}`]: 's',
};

/** What only a bucket can have; and what is there in the bucket before, below `odd/`, for the steps within S3. */
const odd = {
  x: 'file',
  'x/y': 'below',
  'a//b': 'two',
  'a/b': 'one',
  '/top': 'slash',
  '../up': 'dots',
  './here': 'dots',
  'a/../b': 'dots',
  ['y'.repeat(900)]: 'long',
};

/** What both understand; BUCKET is each one's own, and so is the folder that they run in. */
const steps = [
  ['cp', '--recursive', 't', 's3://BUCKET/p'],
  ['cp', 't/a.txt', 's3://BUCKET'],
  ['cp', 't/a.txt', 's3://BUCKET/x/'],
  ['cp', 's3://BUCKET/p/deep/er.txt', 's3://BUCKET/copied.txt'],
  ['cp', 's3://BUCKET/p/logs/2026.log', '.'],
  ['cp', '--recursive', 's3://BUCKET/p/deep', 'down'],
  ['sync', 't', 's3://BUCKET/q', '--exclude', '*', '--include', '*.log'],
  ['sync', 's3://BUCKET/p', 'mirror'],
  ['sync', 's3://BUCKET/p', 's3://BUCKET/r'],
  ['mv', 's3://BUCKET/copied.txt', 's3://BUCKET/moved.txt'],
  ['rm', 's3://BUCKET/x/a.txt'],
  ['rm', '--recursive', 's3://BUCKET/p/deep'],
  ['sync', '--delete', 's3://BUCKET/p', 'mirror'],
  ['rm', '--recursive', '--dryrun', 's3://BUCKET/'],
  ['cp', '--recursive', 's3://BUCKET/odd/', 's3://BUCKET/odd-copied/'],
  ['sync', 's3://BUCKET/odd/', 's3://BUCKET/odd-synced'],
  ['mv', '--recursive', 's3://BUCKET/odd-copied/', 's3://BUCKET/odd-moved/'],
  ['rm', '--recursive', 's3://BUCKET/odd-synced'],
  ['mv', '--recursive', 's3://BUCKET/q', 'moved'],
  ['mv', '--recursive', 't/normal', 's3://BUCKET/normal/'],
];

await access('/usr/bin/aws').catch(() => aptInstall(['awscli'], console.log));
const folder = await mkdtemp(join(tmpdir(), 's3kit-differential-'));
const server = await startServer({ users: [user], buckets: ['by-aws', 'by-s3'] });
const connection = new S3Connection({ ...user, endpoint: server.endpoint });
const storage = new Storage(connection);
const env = {
  // The aws of Debian, not one that a user has installed.
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: process.env['HOME'],
  AWS_ACCESS_KEY_ID: user.accessKeyId,
  AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  LC_ALL: 'C.UTF-8',
};
try {
  const sides = [
    {
      bucket: 'by-aws',
      command: ['aws', '--endpoint-url', server.endpoint, 's3'],
      folder: join(folder, 'aws'),
    },
    { bucket: 'by-s3', command: [process.execPath, program], folder: join(folder, 's3') },
  ];
  for (const { bucket, folder: cwd } of sides) {
    await plant(join(cwd, 't'), tree);
    await put(bucket, 'odd/', odd);
  }
  for (const step of steps) {
    const results = [];
    for (const { bucket, command, folder: cwd } of sides) {
      const { status, said } = await does(command, step, bucket, cwd);
      if (status !== 0) throw new Error(`${command.join(' ')} ${step.join(' ')}: ${status}: ${said}`);
      results.push({ objects: await objectsOf(bucket), files: await filesOf(cwd) });
    }
    deepEqual(results[1], results[0], `s3 ${step.join(' ')}`);
    console.log(`the same: ${step.join(' ')}`);
  }
  for (const [index, { why, objects = {}, files = {}, step, ...expected }] of differences.entries()) {
    for (const [who, outcomes] of [
      ['aws', expected.aws],
      ['s3', [expected.s3]],
    ]) {
      const [side] = sides.filter(({ bucket }) => bucket === `by-${who}`);
      const bucket = `${who}-${index}`;
      const cwd = join(folder, bucket);
      await storage.bucketCreate(bucket);
      await put(bucket, '', objects);
      await mkdir(join(cwd, 't'), { recursive: true });
      await plant(join(cwd, 't'), files);
      const { status } = await does(side.command, step, bucket, cwd);
      const found = { status, files: await filesOf(join(cwd, 'down')), objects: await objectsOf(bucket) };
      const fits = outcomes.some((outcome) => isDeepStrictEqual({ ...found, ...outcome }, found));
      if (!fits) deepEqual(found, outcomes[0], `${who} ${step.join(' ')} (${why})`);
    }
    console.log(`different: ${step.join(' ')}: ${why}`);
  }
} finally {
  connection.close();
  await server.close();
  await rm(folder, { recursive: true });
}

/**
 * @param {string} root
 * @param {Record<string, string | null>} files - null for a link that leads nowhere
 */
async function plant(root, files) {
  for (const [name, content] of Object.entries(files)) {
    // Not joined: a name may hold what looks like a way to somewhere else.
    const path = `${root}/${name}`;
    await mkdir(dirname(path), { recursive: true });
    if (content === null) await symlink('nowhere', path);
    else await writeFile(path, content);
  }
}

/**
 * @param {string} bucket
 * @param {string} prefix
 * @param {Record<string, string>} objects
 */
async function put(bucket, prefix, objects) {
  for (const [name, text] of Object.entries(objects))
    await storage.write({ text }, new S3Name(prefix + name, bucket));
}

/**
 * Runs a step in its own folder.
 *
 * @param {readonly string[]} command
 * @param {readonly string[]} step
 * @param {string} bucket
 * @param {string} cwd
 * @returns {Promise<{ status: number, said: string }>}
 */
async function does(command, step, bucket, cwd) {
  const [name = '', ...first] = command;
  const words = step.map((word) => word.replace('BUCKET', bucket));
  const extra = name === 'aws' ? [] : ['--endpoint-url', server.endpoint];
  return new Promise((resolve) => {
    execFile(name, [...first, ...words, ...extra], { cwd, env }, (error, _, said) =>
      resolve({ status: error === null ? 0 : Number(error.code), said }),
    );
  });
}

/**
 * Every key of a bucket, with what it holds.
 *
 * @param {string} bucket
 */
async function objectsOf(bucket) {
  /** @type {Record<string, string>} */
  const objects = {};
  for await (const entry of storage.bucketListKeys(bucket))
    if (typeof entry !== 'string') objects[entry.key] = await storage.readText(new S3Name(entry.key, bucket));
  return objects;
}

/**
 * Every file of a folder, with what it holds.
 *
 * @param {string} root
 */
async function filesOf(root) {
  /** @type {Record<string, string>} */
  const files = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (entry.isFile()) files[path.slice(root.length + 1)] = await readFile(path, 'utf8');
  }
  return files;
}
