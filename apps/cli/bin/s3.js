#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import module from 'node:module';

// From Node 22.1 on, what is compiled once is kept.
module.enableCompileCache?.();

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
if (process.argv.length === 3 && process.argv[2] === '--version') {
  process.stdout.write(`${version}\n`);
} else {
  const { main } = await import('../dist/main.js');
  await main(version);
}
