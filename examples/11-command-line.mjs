// The command line: that it is installed, and a file on its way to S3 and back. Runs what a person would type.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** @param {...string} words */
function s3(...words) {
  console.log(`$ s3 ${words.join(' ')}`);
  return execFileSync('s3', words, { encoding: 'utf8', shell: process.platform === 'win32' });
}

writeFileSync('example', 'This is an example.\n');

assert.match(s3('--help'), /usage: s3/);
s3('--config', 's3.yaml', 'put', 'example', 'command-line/example');
assert.match(s3('list'), /^command-line\/example$/m);
s3('get', 'command-line/example', 'example-from-s3');
assert.equal(readFileSync('example-from-s3', 'utf8'), 'This is an example.\n');
s3('delete', 'command-line/example');
assert.equal(s3('list-buckets', 'my-bucket'), 'my-bucket\n');
