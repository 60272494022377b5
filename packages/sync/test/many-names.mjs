// Plans a sync of 200,000 names on either side in a small heap: the service makes its pages up as they are asked for.
import { S3Connection, Storage } from '@s3kit/core';
import { plan, remote } from '../dist/index.js';

const count = 200_000;
const key = (index) =>
  `folder-${String(Math.floor(index / 1000)).padStart(4, '0')}/name-${String(index).padStart(7, '0')}`;

/** Names of which each side lacks every tenth: the one those that end in 3, the other those that end in 7. */
async function serve({ target }) {
  const query = new URLSearchParams(target.slice(target.indexOf('?') + 1));
  const lacking = target.startsWith('/source') ? '3' : '7';
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(middle) > after) high = middle;
    else low = middle + 1;
  }
  const contents = [];
  let last = '';
  let index = low;
  for (; index < count && contents.length < 1000; index++) {
    last = key(index);
    if (!last.endsWith(lacking))
      contents.push(
        `<Contents><Key>${last}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified><ETag>&quot;x&quot;</ETag><Size>1</Size></Contents>`,
      );
  }
  const more = index < count ? `<NextContinuationToken>${last}</NextContinuationToken>` : '';
  const text = `<ListBucketResult><IsTruncated>${index < count}</IsTruncated>${more}${contents.join('')}</ListBucketResult>`;
  async function* body() {
    yield Buffer.from(text);
  }
  return { status: 200, statusText: 'OK', headers: {}, body: body(), destroy: () => undefined };
}

const config = { accessKeyId: 'a', secretAccessKey: 'b', endpoint: 'http://localhost' };
const storage = new Storage(new S3Connection(config, { transport: serve }));
const kinds = { upload: 0, copy: 0, delete: 0, skip: 0 };
for await (const { kind } of plan(remote(storage, 'source'), remote(storage, 'destination'), {
  delete: true,
}))
  kinds[kind]++;
console.log(JSON.stringify(kinds));
