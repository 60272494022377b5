// Uploads a file to a bucket that is not the default one, with metadata, and then changes the metadata.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { isStorageError, loadConfig, S3Connection, S3Name, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));
await writeFile('example', 'This is an example.\n');
await storage.bucketCreate('my-other-bucket');

const headers = { 'x-amz-meta-state': 'unprocessed' };
const remoteName = new S3Name('example-in-s3', 'my-other-bucket');
try {
  await storage.write('example', remoteName, { headers });
  const [exists, metadata] = await storage.exists(remoteName);
  assert.ok(exists);
  assert.deepEqual(metadata, headers);
  headers['x-amz-meta-state'] = 'processed';
  await storage.updateMetadata(remoteName, headers);
  assert.deepEqual(await storage.read(remoteName, 'example-from-s3'), headers);
  console.log(`the state is ${headers['x-amz-meta-state']}`);
} catch (error) {
  if (!isStorageError(error)) throw error;
  console.error('failed:', error.message);
  process.exitCode = 1;
}
