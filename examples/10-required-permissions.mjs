// Gives a bucket the policy that another user needs to do with its files all that s3kit does.
import assert from 'node:assert/strict';
import { loadConfig, S3Connection, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));
await storage.bucketCreate('com-prometheus-cgtest-1');

const policy = {
  Version: '2008-10-17',
  Id: 'Policyxxxxxxxxxxxxx',
  Statement: [
    {
      Sid: 'Stmtxxxxxxxxxxxxx',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::123456789012:user/myuser' },
      Action: [
        's3:AbortMultipartUpload',
        's3:GetObjectAcl',
        's3:GetObjectVersion',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:GetObject',
        's3:PutObjectAcl',
        's3:PutObjectVersionAcl',
        's3:ListMultipartUploadParts',
        's3:PutObject',
        's3:GetObjectVersionAcl',
      ],
      Resource: ['arn:aws:s3:::com-prometheus-cgtest-1/*', 'arn:aws:s3:::com-prometheus-cgtest-1'],
    },
  ],
};
await storage.bucketSetPolicy('com-prometheus-cgtest-1', { data: policy });
assert.deepEqual(await storage.bucketGetPolicy('com-prometheus-cgtest-1'), policy);
await storage.bucketDeletePolicy('com-prometheus-cgtest-1');
await storage.bucketDelete('com-prometheus-cgtest-1');
console.log('the policy was set, read and deleted');
