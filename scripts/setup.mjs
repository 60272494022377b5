// Brings a fresh checkout to where everything can run: packages installed, everything built. Quick when it is there
// already. Needs Node and npm, nothing else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The top folder of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const binaries = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.s3kit-installed');

/** The environment for the project's tools: those of the checkout come first, and none of them reports home. */
export const environment = {
  ...process.env,
  PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

/** Runs a command in the checkout, with its output shown, and gives its exit status. */
export function run(command, args, options = {}) {
  // On Windows, npx and the tools' launchers are scripts, which only a shell can start.
  const result = spawnSync(command, args, {
    cwd: root,
    env: environment,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  if (result.error !== undefined) throw result.error;
  return result.status ?? 1;
}

function must(step, command, args, options) {
  const status = run(command, args, options);
  if (status === 0) return;
  console.error(`\n${step} failed: ${command} ${args.join(' ')} ended with status ${status}`);
  process.exit(status);
}

function checkNode() {
  const wanted = manifest.engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(`s3kit needs Node ${wanted} or newer; this is Node ${process.versions.node}`);
  process.exit(1);
}

/** What the installed packages depend on: while it is the same, there is nothing to install. */
function fingerprint() {
  const hash = createHash('sha256').update(process.versions.modules);
  const manifests = ['packages', 'apps', 'internal'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, 'package.json')),
  );
  const files = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'examples/package.json',
    'benchmarks/package.json',
    ...manifests,
  ];
  for (const file of files.filter((name) => existsSync(join(root, name))))
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Installs and builds what is missing. */
export function setUp() {
  checkNode();
  const wanted = fingerprint();
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    console.error('Installing packages ...');
    must(
      'Installing',
      'npx',
      ['-y', manifest.packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    writeFileSync(stamp, wanted);
  }
  must('Building', 'turbo', ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) setUp();
