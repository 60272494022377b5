// Creates a bucket and sees that it exists, then deletes it and sees that it is gone.
import assert from 'node:assert/strict';
import { loadConfig, S3Connection, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));

const myBucketName = 'com-prometheus-my-bucket';
await storage.bucketCreate(myBucketName);
assert.ok(await storage.bucketExists(myBucketName));
await storage.bucketDelete(myBucketName);
assert.ok(!(await storage.bucketExists(myBucketName)));
console.log(`${myBucketName} came and went`);
