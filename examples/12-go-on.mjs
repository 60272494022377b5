// A large upload that is stopped in the middle, and goes on where it was: as after a crash, a kill, or a network that broke.
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { loadConfig, S3Connection, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));
const content = randomFillSync(Buffer.alloc(21 * 1024 * 1024));
await writeFile('backup.tar', content);

const stop = new AbortController();
const stopped = storage.write('backup.tar', 'backup.tar', {
  journal: true,
  concurrency: 1,
  signal: stop.signal,
  onProgress: ({ parts }) => parts === 2 && stop.abort(new Error('stopped for the example')),
});
await assert.rejects(stopped, /stopped for the example/);

// The same call, here or in another process.
/** @type {import('@s3kit/core').TransferProgress[]} */
const told = [];
await storage.write('backup.tar', 'backup.tar', {
  journal: true,
  onProgress: (progress) => told.push(progress),
});
const last = told.at(-1);
console.log(`${last?.resumed} of ${last?.total} bytes were there already`);
assert.equal(last?.resumed, 2 * 5 * 1024 * 1024);

await storage.read('backup.tar', 'restored.tar', { journal: true });
assert.ok((await readFile('restored.tar')).equals(content));
