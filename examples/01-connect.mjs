// Once the YAML file is configured, you can make an S3Connection, and with it a Storage.
import assert from 'node:assert/strict';
import { loadConfig, S3Connection, Storage } from '@s3kit/core';

const connection = new S3Connection(await loadConfig('s3.yaml'));
const storage = new Storage(connection);

assert.equal(storage.connection, connection);
console.log(
  `connected to ${connection.endpoint}, region ${connection.region}, default bucket ${connection.defaultBucket}`,
);
