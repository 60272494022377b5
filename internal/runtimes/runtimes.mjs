// Runs the self-check in every runtime, and says what ran. What cannot be had counts as a failure: nothing is taken for
// granted. Needs a build, and the network the first time.
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { runtimes } from './binaries.mjs';
import { inBrowser } from './browser.mjs';
import { startEndpoint } from './endpoint.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const output = join(here, '../../.s3kit/runtimes/bundles');
const total = 10;
let failed = 0;

function report(name, text, good) {
  console.log(`${good ? 'ok    ' : 'FAILED'}  ${name}: ${text}`);
  if (!good) failed++;
}

/** The self-check as a browser would load it: one file, and no built-in module in it. */
async function bundled() {
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const outfile = join(output, 'self-check.mjs');
  const { metafile } = await build({
    entryPoints: [join(here, 'self-check.mjs')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    metafile: true,
    logLevel: 'error',
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  report(
    'bundle for browsers',
    outside.length === 0 ? 'imports nothing' : `imports ${outside}`,
    outside.length === 0,
  );
  return outfile;
}

async function runs(name, path, version, before, module) {
  try {
    const args = [...before, join(here, 'command-line.mjs'), module, endpoint.origin];
    const { stdout } = await promisify(execFile)(path, args, { cwd: here });
    report(name, `${version}, ${stdout.trim()}`, stdout.trim() === `passed ${total}`);
  } catch (error) {
    report(name, String(error.stderr || error.message).trim(), false);
  }
}

const bundle = await bundled();
const endpoint = await startEndpoint(bundle);
const all = { 'this Node': { path: process.execPath }, ...runtimes() };
for (const [name, { path, absent }] of Object.entries(all)) {
  if (absent !== undefined) {
    report(name, `cannot be had: ${absent}`, false);
    continue;
  }
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const before =
    name === 'Deno'
      ? ['run', '--no-remote', '--node-modules-dir=manual', '--allow-read', '--allow-env', '--allow-net']
      : [];
  await runs(`${name}, the package`, path, version, before, './self-check.mjs');
  await runs(`${name}, the bundle for browsers`, path, version, before, bundle);
}
const browser = await inBrowser(endpoint.origin);
if ('absent' in browser) report('Chromium', `cannot be had: ${browser.absent}`, false);
else
  report(
    'Chromium, the bundle for browsers',
    `${browser.version}, passed ${browser.passed.length}`,
    browser.passed.length === total,
  );

endpoint.close();
process.exitCode = failed === 0 ? 0 : 1;
