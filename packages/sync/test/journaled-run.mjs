// Sends a folder to a bucket, with a journal, as a process that can be killed.
import process from 'node:process';
import { S3Connection, Storage } from '@s3kit/core';
import { local, remote, sync } from '../dist/index.js';

const [, , endpoint, folder, journal] = process.argv;
const config = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret', endpoint };
const place = remote(new Storage(new S3Connection(config)), 'bucket');
for await (const { type } of sync(local(folder), place, { journal }))
  if (type === 'failed') process.exitCode = 1;
