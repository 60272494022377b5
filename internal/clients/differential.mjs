// The same operations by `aws s3` and by `s3`, on the same tree: they leave the same bucket and the same files.
import { deepEqual } from 'node:assert/strict';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Connection, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { aptInstall } from '@s3kit-internal/debian/packages';
import { run } from '@s3kit-internal/debian/run';

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
];

await access('/usr/bin/aws').catch(() => aptInstall(['awscli'], console.log));
const folder = await mkdtemp(join(tmpdir(), 's3kit-differential-'));
const server = await startServer({ users: [user], buckets: ['by-aws', 'by-s3'] });
const connection = new S3Connection({ ...user, endpoint: server.endpoint });
const storage = new Storage(connection);
try {
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
  const sides = [
    {
      bucket: 'by-aws',
      command: ['aws', '--endpoint-url', server.endpoint, 's3'],
      folder: join(folder, 'aws'),
    },
    { bucket: 'by-s3', command: [process.execPath, program], folder: join(folder, 's3') },
  ];
  for (const side of sides) await plant(join(side.folder, 't'));
  for (const step of steps) {
    const results = [];
    for (const { bucket, command, folder: cwd } of sides) {
      const words = step.map((word) => word.replace('BUCKET', bucket));
      const [name = '', ...first] = command;
      const extra = name === 'aws' ? [] : ['--endpoint-url', server.endpoint];
      // Both run in their own folder, as a shell does it.
      await run(
        'sh',
        ['-c', 'cd "$1" && shift && exec "$@"', 'sh', cwd, name, ...first, ...words, ...extra],
        { env },
      );
      results.push({ objects: await objectsOf(bucket), files: await filesOf(cwd) });
    }
    deepEqual(results[1], results[0], `s3 ${step.join(' ')}`);
    console.log(`the same: ${step.join(' ')}`);
  }
} finally {
  connection.close();
  await server.close();
  await rm(folder, { recursive: true });
}

/** @param {string} root */
async function plant(root) {
  for (const [name, content] of Object.entries(tree)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
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
    if (typeof entry !== 'string') objects[entry.key] = entry.eTag;
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
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(root.length)] = await readFile(path, 'utf8');
  }
  return files;
}
