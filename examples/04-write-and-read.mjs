// Uploads a file to the default bucket, sees that it is there, downloads it under another name, compares the two, deletes
// it, and sees that it is gone.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { isStorageError, loadConfig, S3Connection, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));
await writeFile('example', 'This is an example.\n');

try {
  await storage.write('example', 'example-in-s3');
  let [exists] = await storage.exists('example-in-s3');
  assert.ok(exists);
  await storage.read('example-in-s3', 'example-from-s3');
  assert.deepEqual(await readFile('example-from-s3'), await readFile('example'));
  await storage.delete('example-in-s3');
  [exists] = await storage.exists('example-in-s3');
  assert.ok(!exists);
  console.log('there and back again');
} catch (error) {
  if (!isStorageError(error)) throw error;
  console.error('failed:', error.message);
  process.exitCode = 1;
}
