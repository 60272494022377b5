import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const built = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'index.js');

// Both loaders of Node are asked: the one for modules reports by its hook, the one for CommonJS has a cache.
const hook = `
export async function load(url, context, next) {
  process._rawDebug('loaded ' + url);
  return next(url, context);
}`;

const program = `
import { createRequire, register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
const started = performance.now();
const { defaultCredentials } = await import(${JSON.stringify(pathToFileURL(built).href)});
const { accessKeyId } = await defaultCredentials()().catch((error) => ({ accessKeyId: error.name }));
const milliseconds = performance.now() - started;
console.log(JSON.stringify({ accessKeyId, milliseconds, required: Object.keys(createRequire(import.meta.url).cache) }));
`;

interface Report {
  readonly accessKeyId: string;
  readonly milliseconds: number;
  readonly foreign: readonly string[];
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-lazy-'));
  await writeFile(join(folder, 'program.mjs'), program);
});
afterAll(() => rm(folder, { recursive: true }));

function run(environment: Readonly<Record<string, string>>): Report {
  const child = spawnSync(process.execPath, [join(folder, 'program.mjs')], {
    env: { PATH: process.env['PATH'], HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
    encoding: 'utf8',
  });
  expect(child.status, child.stderr).toBe(0);
  const report = JSON.parse(child.stdout) as Report & { required: string[] };
  const loaded = [...child.stderr.matchAll(/^loaded (.*)$/gm)].map(([, url = '']) => url);
  expect(loaded, 'the hook reports').toContain(pathToFileURL(built).href);
  return {
    ...report,
    foreign: [...loaded, ...report.required].filter((name) => /@aws-sdk|@smithy|hpagent/.test(name)),
  };
}

const limit = 400;

describe('what is loaded', () => {
  test('keys in the environment take nothing of the AWS SDK', () => {
    const report = run({ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(report).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', foreign: [] });
    expect(report.milliseconds).toBeLessThan(limit);
  });

  test('keys in a profile take nothing of the AWS SDK', async () => {
    const file = join(folder, 'credentials');
    await writeFile(file, '[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret\n');
    const report = run({ AWS_SHARED_CREDENTIALS_FILE: file });
    expect(report).toMatchObject({ accessKeyId: 'AKIDPROFILE', foreign: [] });
    expect(report.milliseconds).toBeLessThan(limit);
  });

  test('a process takes it, which shows that this test would notice', async () => {
    const file = join(folder, 'config');
    const answer = JSON.stringify({ Version: 1, AccessKeyId: 'AKIDPROCESS', SecretAccessKey: 'secret' });
    await writeFile(file, `[default]\ncredential_process = echo '${answer}'\n`);
    const report = run({ AWS_CONFIG_FILE: file });
    expect(report.accessKeyId).toBe('AKIDPROCESS');
    expect(report.foreign.some((name) => name.includes('@aws-sdk'))).toBe(true);
  });
});
