// After any call, storage.response is the raw response; of calls that run side by side, each can give its own.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { isStorageError, loadConfig, S3Connection, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));
await writeFile('example', 'This is an example.\n');

await storage.write('example', 'raw-example');
console.log('ETag of what was written:', storage.response?.headers['etag']);

const answers = await Promise.all(
  ['raw-example', 'no-such-key'].map((key) => storage.exists(key).withResponse()),
);
assert.deepEqual(
  answers.map(({ response }) => response?.status),
  [200, 404],
);

try {
  await storage.read('no-such-key', 'example-from-s3');
} catch (error) {
  if (!isStorageError(error)) throw error;
  // The first form: the method's name, a detailed message, and the raw response.
  assert.equal(error.msg, 'read');
  assert.equal(error.code, 'NoSuchKey');
  assert.equal(error.response?.status, 404);
  console.log(error.message);
}
