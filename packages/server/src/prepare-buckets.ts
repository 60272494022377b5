import { randomBytes } from 'node:crypto';
import { findBucket } from './context.ts';
import { directoryFacts, isDirectoryBucketName } from './directory-buckets.ts';
import type { Settings } from './options.ts';
import { type BucketRecord, tables } from './records.ts';
import type { Store } from './store.ts';

/** Makes the buckets of the settings that are not there yet; they belong to the first user. */
export async function prepareBuckets(store: Store, { buckets, users, region, now }: Settings): Promise<void> {
  const [owner = ''] = users.keys();
  await store.commit((transaction) => {
    for (const name of buckets) {
      if (findBucket(transaction, name)) continue;
      const bucket: BucketRecord = {
        id: randomBytes(8).toString('hex'),
        name,
        owner,
        region,
        createdAt: now().getTime(),
        ...(isDirectoryBucketName(name) ? directoryFacts(name) : {}),
      };
      transaction.put(tables.bucket(name), bucket);
    }
    return { value: undefined, garbage: [] };
  });
}
