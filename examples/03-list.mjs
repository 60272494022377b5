// Lists all buckets, and all the keys in each bucket.
import { loadConfig, S3Connection, S3Key, Storage } from '@s3kit/core';

const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));

for await (const bucket of storage.bucketList()) {
  console.log(bucket.name, bucket.creationDate);
  for await (const key of storage.bucketListKeys(bucket.name)) {
    if (key instanceof S3Key) console.log('\t', key.key, key.size, key.lastModified, key.owner.displayName);
  }
}
