// Runs the checks in every runtime, and says what ran. What cannot be had counts as a failure: nothing is taken for
// granted. Needs a build, and the network the first time.
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { S3Connection, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { build } from 'esbuild';
import { runtimes } from './binaries.mjs';
import { inBrowser } from './browser.mjs';
import { startEndpoint } from './endpoint.mjs';
import { exampleFiles, visitExample } from './example-page.mjs';
import { total as storageTotal } from './storage-check.mjs';
import { inWorkerd } from './workerd.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const output = join(here, '../../.s3kit/runtimes/bundles');
let failed = 0;

function report(name, text, good) {
  console.log(`${good ? 'ok    ' : 'FAILED'}  ${name}: ${text}`);
  if (!good) failed++;
}

/** A module as a browser would load it: one file, and no built-in module in it. */
async function bundled(name, entry = { entryPoints: [join(here, name)] }) {
  const outfile = join(output, name);
  const { metafile } = await build({
    ...entry,
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
    `${name} as a bundle for browsers`,
    outside.length === 0 ? 'imports nothing' : `imports ${outside}`,
    outside.length === 0,
  );
  return outfile;
}

/** Runs something that resolves to what has passed, and reports it. */
async function passes(name, version, total, run) {
  try {
    const passed = await run();
    report(name, `${version}, passed ${passed}`, passed === total);
  } catch (error) {
    report(name, String(error.stderr || error.message).trim(), false);
  }
}

// What docs/runtimes.md says that a page has to see.
const corsHeaders = [
  'ETag',
  'Accept-Ranges',
  'Content-Encoding',
  'Content-Range',
  'Date',
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amz-bucket-region',
  'x-amz-version-id',
  'x-amz-checksum-type',
  ...['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'].map((algorithm) => `x-amz-checksum-${algorithm}`),
];

/** An S3 server, whose answers any page may see. */
async function startStorage() {
  const server = await startServer({ buckets: ['self-check', 'example'], limits: { minimumPartSize: 1024 } });
  const keys = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret' };
  const storage = new Storage(new S3Connection({ ...keys, endpoint: server.endpoint }));
  const rule = {
    AllowedOrigin: ['*'],
    AllowedMethod: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
    AllowedHeader: ['*'],
    ExposeHeader: [...corsHeaders, 'x-amz-meta-state'],
  };
  const data = { CORSConfiguration: { CORSRule: [rule] } };
  for (const bucket of ['self-check', 'example']) await storage.bucketSetCors(bucket, { data });
  return server;
}

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
const modules = {
  'self-check.mjs': await bundled('self-check.mjs'),
  'storage-check.mjs': await bundled('storage-check.mjs'),
};
const example = await bundled('s3kit.js', {
  stdin: { contents: "export { S3Connection, Storage } from '@s3kit/core'", resolveDir: here },
});
const signatures = await startEndpoint(modules, await exampleFiles(example));
const server = await startStorage();
const checks = [
  { title: 'signatures', module: 'self-check.mjs', total: 10, endpoint: signatures.origin },
  { title: 'storage', module: 'storage-check.mjs', total: storageTotal, endpoint: server.endpoint },
];
const { workerd, ...commands } = runtimes();
for (const [name, { path, absent }] of Object.entries({
  'this Node': { path: process.execPath },
  ...commands,
})) {
  if (absent !== undefined) {
    report(name, `cannot be had: ${absent}`, false);
    continue;
  }
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const before =
    name === 'Deno'
      ? ['run', '--no-remote', '--node-modules-dir=manual', '--allow-read', '--allow-env', '--allow-net']
      : [];
  for (const { title, module, total, endpoint } of checks) {
    for (const [kind, file] of [
      ['the package', `./${module}`],
      ['the bundle for browsers', modules[module]],
    ]) {
      await passes(`${name}, ${title}, ${kind}`, version, total, async () => {
        const args = [...before, join(here, 'command-line.mjs'), file, endpoint];
        const { stdout } = await promisify(execFile)(path, args, { cwd: here });
        return Number(/^passed (\d+)$/m.exec(stdout)?.[1]);
      });
    }
  }
}
if (workerd === undefined || workerd.absent !== undefined) {
  report('workerd', `cannot be had: ${workerd?.absent}`, false);
} else {
  const version = execFileSync(workerd.path, ['--version'], { encoding: 'utf8' }).trim();
  for (const { title, module, total, endpoint } of checks) {
    await passes(
      `workerd, ${title}`,
      version,
      total,
      async () => (await inWorkerd(workerd.path, modules[module], endpoint)).length,
    );
  }
}
for (const { title, module, total, endpoint } of checks) {
  const browser = await inBrowser(`${signatures.origin}/`, async (page, version) => {
    await passes(`Chromium, ${title}`, version, total, () =>
      page.evaluate(
        async ([url, origin]) => (await (await import(url)).selfCheck(origin)).length,
        [`/${module}`, endpoint],
      ),
    );
    return {};
  });
  if ('absent' in browser) report('Chromium', `cannot be had: ${browser.absent}`, false);
}

await inBrowser(`${signatures.origin}/example/`, (page, version) =>
  passes('Chromium, the example', version, 5, () => visitExample(page, server.endpoint)),
);

signatures.close();
await server.close();
process.exitCode = failed === 0 ? 0 : 1;
