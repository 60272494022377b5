// A folder, and a bucket that is made the same; first what would be done, then the doing.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadConfig, S3Connection, S3Key, Storage } from '@s3kit/core';
import { local, plan, remote, sync } from '@s3kit/sync';

const connection = new S3Connection(await loadConfig('s3.yaml'));
const storage = new Storage(connection);
await mkdir('site/images', { recursive: true });
await writeFile('site/index.html', '<h1>Hello</h1>');
await writeFile('site/images/logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
await storage.write({ text: 'old' }, 'site/old.html');

const source = local('site');
const destination = remote(storage, connection.defaultBucket ?? '', 'site');
for await (const { kind, name } of plan(source, destination, { delete: true }))
  console.log(`would ${kind} ${name}`);

let summary;
for await (const event of sync(source, destination, { delete: true })) {
  if (event.type === 'failed') console.error(`${event.action?.name}: ${event.error.message}`);
  if (event.type === 'summary') summary = event;
}
assert.ok(summary?.ok);
const names = [];
for await (const entry of storage.bucketListKeys(connection.defaultBucket ?? '', { prefix: 'site/' })) {
  if (entry instanceof S3Key) names.push(entry.key);
}
assert.deepEqual(names, ['site/images/logo.svg', 'site/index.html']);
