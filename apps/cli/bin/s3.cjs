#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
if (process.argv.length === 3 && process.argv[2] === '--version') process.stdout.write(`${version}\n`);
else
  require('./load.cjs')
    .load()
    .main(version)
    .then(() => setImmediate(leave));

/**
 * Ends the process, unless a reader has to take more of what was printed: Node would take 2 ms to put everything away. In a turn of
 * its own, as only then is it known that nobody reads.
 */
function leave() {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
}
