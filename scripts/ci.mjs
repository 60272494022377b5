// Everything that has to hold before a change lands: the tests as a newcomer runs them, then the checks. Ends with one
// line that counts.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root, run } from './setup.mjs';

const results = join(root, '.s3kit', 'ci');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

let passed = 0;
let failed = 0;

function heading(name) {
  console.log(`\n=== ${name}`);
}

/** A step that passes or fails as a whole. */
function step(name, command, ...args) {
  heading(name);
  const started = performance.now();
  const status = run(command, args);
  console.log(
    `${name}: ${status === 0 ? 'ok' : `status ${status}`}, ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  if (status === 0) passed++;
  else failed++;
}

/** A step that runs vitest, and counts its tests. */
function tests(name, command, ...args) {
  heading(name);
  const file = join(results, `${name.replaceAll(' ', '-')}.json`);
  const status = run(command, [
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    // A file that cannot be loaded, or an error outside of any test.
    if (status !== 0 && report.numFailedTests === 0) failed++;
    if (report.numTotalTests === 0) failed++;
  } catch (error) {
    console.log(`${name} left no report: ${error.message}`);
    failed++;
  }
}

tests('npm test', 'npm', 'test', '--');
step('lint', 'biome', 'ci', '.');
step('types', 'turbo', 'run', 'typecheck', '--output-logs=errors-only');
step('packages', 'turbo', 'run', 'check:package', '--output-logs=errors-only');
step('dead code', 'knip');
step('api pages', 'typedoc', '--logLevel', 'Warn');
step('packed packages', 'node', 'internal/smoke/smoke.mjs');
step('examples', 'node', 'examples/run.mjs');
step('tour', 'npm', 'start');
step('sizes', 'pnpm', '--filter', '@s3kit/sigv4', '--filter', '@s3kit/core', 'run', 'size');
step('other clients', 'node', 'internal/clients/clients.mjs');
step('the same by aws s3', 'node', 'internal/clients/differential.mjs');
step('shells', 'node', 'internal/clients/shells.mjs');
step('runtimes', 'node', 'internal/runtimes/runtimes.mjs');
step(
  'transfers with faults',
  'node',
  'internal/faults/transfers.mjs',
  '--count',
  '300',
  '--kills',
  '10',
  '--resumes',
  '12',
);
step('large files', 'node', 'internal/conformance/large-files.mjs');
step('many parts', 'node', 'internal/conformance/many-parts.mjs');
// A gateway that was up before stays up.
const gateway = ['internal/gateway/gateway.mjs'];
const wasUp = run('node', [...gateway, 'status'], { stdio: 'ignore' }) === 0;
tests('ceph gateway', 'vitest', 'run', '--config', 'internal/conformance/vitest.gateway.config.ts');
if (!wasUp) step('stop the gateway', 'node', ...gateway, 'stop', '--wipe');

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
