// Gives a bucket a policy that lets "myuser" write files, but not read them back, delete them, or even list them.
import assert from 'node:assert/strict';
import { loadConfig, S3Connection, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));
await storage.bucketCreate('com-prometheus-my-bucket');

const policy = {
  Version: '2008-10-17',
  Id: 'BucketUploadNoDelete',
  Statement: [
    {
      Sid: 'Stmt01',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::123456789012:user/myuser' },
      Action: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
      Resource: ['arn:aws:s3:::com-prometheus-my-bucket/*', 'arn:aws:s3:::com-prometheus-my-bucket'],
    },
  ],
};
await storage.bucketSetPolicy('com-prometheus-my-bucket', { data: policy });
assert.deepEqual(await storage.bucketGetPolicy('com-prometheus-my-bucket'), policy);
console.log('myuser may write, and nothing else');
