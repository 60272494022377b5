// Packs every published package, installs the tarballs in an empty folder, and uses them there as a user would.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

// What a user of the installed packages does: an endpoint, and the command against it.
const program = `
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { startServer } from '@s3kit/server';

const users = [{ accessKeyId: 'SMOKE', secretAccessKey: 'smoke-secret' }];
const server = await startServer({ users });
const environment = { ...process.env, AWS_ACCESS_KEY_ID: 'SMOKE', AWS_SECRET_ACCESS_KEY: 'smoke-secret', AWS_ENDPOINT_URL: server.endpoint };
const s3 = (...args) => promisify(execFile)('node_modules/.bin/s3', args, { env: environment });
writeFileSync('up', 'smoke');
await s3('create-bucket', 'smoke');
await s3('-b', 'smoke', 'put', 'up', 'key');
await s3('-b', 'smoke', 'get', 'key', 'down');
if (readFileSync('down', 'utf8') !== 'smoke') throw new Error('it came back changed');
await server.close();
console.log('s3 ' + (await s3('--version')).stdout.trim() + ': put and got a file');
`;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 's3kit-smoke-'));

function run(command, args, cwd = folder) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

const packages = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => {
    const directory = join(root, group, name);
    return { directory, ...JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) };
  }),
);
const libraries = packages.filter(({ main }) => main !== undefined).map(({ name }) => name);

try {
  for (const { directory } of packages) run('pnpm', ['pack', '--pack-destination', folder], directory);
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--no-audit', '--no-fund', ...tarballs.map((name) => `./${name}`)]);

  writeFileSync(
    join(folder, 'esm.mjs'),
    `${libraries.map((name, index) => `import * as m${index} from '${name}';`).join('\n')}
console.log(JSON.stringify([${libraries.map((_, index) => `Object.keys(m${index})`)}]));\n`,
  );
  writeFileSync(
    join(folder, 'cjs.cjs'),
    `console.log(JSON.stringify([${libraries.map((name) => `Object.keys(require('${name}'))`)}]));\n`,
  );
  const esm = JSON.parse(run('node', ['esm.mjs']));
  const cjs = JSON.parse(run('node', ['cjs.cjs']));
  for (const [index, name] of libraries.entries()) {
    const imported = esm[index]
      .filter((key) => key !== 'default' && key !== 'module.exports')
      .sort()
      .join();
    const required = cjs[index].sort().join();
    if (imported === '' || imported !== required)
      throw new Error(`${name}: imported ${imported}, required ${required}`);
    console.log(`${name}: ${esm[index].length} exports, the same imported and required`);
  }

  writeFileSync(join(folder, 'use.mjs'), program);
  process.stdout.write(run('node', ['use.mjs']));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
