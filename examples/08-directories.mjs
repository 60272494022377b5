// Lists a bucket as a directory tree: the files of one directory first, then the directories in it.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { loadConfig, S3Connection, S3Key, Storage } from '@s3kit/core';

const connection = new S3Connection(await loadConfig('s3.yaml'));
const storage = new Storage(connection);
await writeFile('example', 'This is an example.\n');
for (const key of ['f', 'a/f', 'a/b/f']) await storage.write('example', `tree/${key}`);

const bucket = connection.defaultBucket ?? '';
const entries = [];
for await (const entry of storage.bucketListKeys(bucket, { delimiter: '/', prefix: 'tree/' })) {
  entries.push(entry instanceof S3Key ? `file ${entry.key}` : `directory ${entry}`);
}
assert.deepEqual(entries, ['file tree/f', 'directory tree/a/']);
console.log(entries.join('\n'));
