#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
if (process.argv.length === 3 && process.argv[2] === '--version') process.stdout.write(`${version}\n`);
else require('./load.cjs').load().main(version);
