// Holds the server against clients that nobody here wrote. Each scenario sends, reads back and compares; the program ends
// with the status of the worst of them.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from '@s3kit/server';
import { aptInstall } from '@s3kit-internal/debian/packages';

const execute = promisify(execFile);
const user = { accessKeyId: 'CLIENTSTEST', secretAccessKey: 'clients-test-secret' };
const packages = { '/usr/bin/aws': 'awscli', '/usr/bin/s3cmd': 's3cmd', '/usr/bin/rclone': 'rclone' };

const folder = await mkdtemp(join(tmpdir(), 's3kit-clients-'));
const server = await startServer({ users: [user] });
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: folder,
  AWS_ACCESS_KEY_ID: user.accessKeyId,
  AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: server.endpoint,
  ENDPOINT: server.endpoint,
};

async function run(program, ...args) {
  const { stdout } = await execute(program, args, { env: environment, cwd: folder, maxBuffer: 1e8 });
  return stdout;
}

function equal(actual, expected, what) {
  if (actual === expected) return;
  throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

function includes(text, part, what) {
  if (!text.includes(part)) throw new Error(`${what}: ${JSON.stringify(part)} is not in ${text}`);
}

async function digest(name) {
  return createHash('sha256')
    .update(await readFile(join(folder, name)))
    .digest('hex');
}

async function same(one, other) {
  equal(await digest(other), await digest(one), `${other} is ${one}`);
}

/** A folder with files of odd names, and one that goes up in parts. */
async function makeFiles() {
  await mkdir(join(folder, 'files/sub dir'), { recursive: true });
  await writeFile(join(folder, 'files/empty'), '');
  await writeFile(join(folder, 'files/sub dir/ü + & %41.txt'), 'odd name');
  await writeFile(join(folder, 'files/large'), randomBytes(20 * 1024 ** 2));
}

async function aws() {
  const s3 = (...args) => run('/usr/bin/aws', '--endpoint-url', server.endpoint, ...args);
  await s3('s3', 'mb', 's3://awscli-bucket');
  await s3('s3', 'sync', 'files', 's3://awscli-bucket/files', '--only-show-errors');
  await s3('s3', 'sync', 's3://awscli-bucket/files', 'from-aws', '--only-show-errors');
  for (const name of ['empty', 'large', 'sub dir/ü + & %41.txt'])
    await same(`files/${name}`, `from-aws/${name}`);
  await s3('s3', 'cp', 's3://awscli-bucket/files/large', 's3://awscli-bucket/copied', '--only-show-errors');
  await s3('s3api', 'head-object', '--bucket', 'awscli-bucket', '--key', 'copied');
  const url = (await s3('s3', 'presign', 's3://awscli-bucket/copied')).trim();
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  equal(createHash('sha256').update(bytes).digest('hex'), await digest('files/large'), 'presigned');
  const policy = JSON.stringify({
    Statement: {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::awscli-bucket/*',
    },
  });
  await s3('s3api', 'put-bucket-policy', '--bucket', 'awscli-bucket', '--policy', policy);
  equal((await fetch(`${server.endpoint}/awscli-bucket/copied`)).status, 200, 'public by policy');
  await s3('s3', 'rb', 's3://awscli-bucket', '--force');
}

async function s3cmd() {
  const host = server.endpoint.slice('http://'.length);
  const s3 = (...args) =>
    run('/usr/bin/s3cmd', '--no-ssl', '--host', host, '--host-bucket', host, '--no-progress', ...args);
  await s3('mb', 's3://s3cmd-bucket');
  await s3('put', '--multipart-chunk-size-mb=5', 'files/large', 's3://s3cmd-bucket/large');
  await s3('get', 's3://s3cmd-bucket/large', 'from-s3cmd');
  await same('files/large', 'from-s3cmd');
  await s3('sync', 'files/', 's3://s3cmd-bucket/files/');
  includes(await s3('ls', '-r', 's3://s3cmd-bucket/files/'), 'ü + & %41.txt', 's3cmd ls');
  await s3('setacl', '--acl-public', 's3://s3cmd-bucket/large');
  equal((await fetch(`${server.endpoint}/s3cmd-bucket/large`)).status, 200, 'public by ACL');
  await s3('del', '-r', '--force', 's3://s3cmd-bucket/');
  await s3('rb', 's3://s3cmd-bucket');
}

async function rclone() {
  const remote = `:s3,provider=Other,access_key_id=${user.accessKeyId},secret_access_key=${user.secretAccessKey},endpoint='${server.endpoint}':`;
  const s3 = (...args) =>
    run('/usr/bin/rclone', '--s3-chunk-size', '5M', '--s3-upload-cutoff', '5M', ...args);
  await s3('mkdir', `${remote}rclone-bucket`);
  await s3('sync', 'files', `${remote}rclone-bucket/files`);
  await s3('check', 'files', `${remote}rclone-bucket/files`, '--download');
  await s3('copyto', `${remote}rclone-bucket/files/large`, `${remote}rclone-bucket/copied`);
  await s3('copyto', `${remote}rclone-bucket/copied`, 'from-rclone');
  await same('files/large', 'from-rclone');
  await s3('purge', `${remote}rclone-bucket`);
}

async function boto3() {
  await run('/usr/bin/python3', fileURLToPath(new URL('boto3-scenario.py', import.meta.url)));
}

async function install() {
  const { stdout } = await execute('/bin/sh', [
    '-c',
    `for f in ${Object.keys(packages).join(' ')}; do [ -x $f ] || echo $f; done; /usr/bin/python3 -c 'import boto3' 2>/dev/null || echo boto3`,
  ]);
  const missing = stdout.split('\n').filter((name) => name !== '');
  if (missing.length === 0) return;
  const names = missing.map((name) => packages[name] ?? 'python3-boto3');
  await aptInstall(names, console.log);
}

let failed = 0;
try {
  await install();
  await makeFiles();
  for (const scenario of [aws, s3cmd, rclone, boto3]) {
    const started = performance.now();
    try {
      await scenario();
      console.log(`${scenario.name}: ok, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed += 1;
      console.log(`${scenario.name}: FAILED: ${error.message}\n${error.stdout ?? ''}`);
    }
  }
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
