// What many files cost: `node benchmarks/sync.mjs [names] [files]`. The service is a process of its own, keeps no byte, and makes
// its listing up.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { S3Connection, Storage } from '@s3kit/core';
import { local, remote, sync } from '@s3kit/sync';

const self = fileURLToPath(import.meta.url);
const content = Buffer.alloc(4096, 'x');
const [role, ...numbers] =
  process.argv[2] === 'child' ? process.argv.slice(3) : ['parent', ...process.argv.slice(2)];
const names = Number(numbers[0] ?? 200_000);
const files = Number(numbers[1] ?? 10_000);

const nameOf = (index) =>
  `d${String(Math.floor(index / 100)).padStart(5, '0')}/f${String(index).padStart(7, '0')}`;

/** Lists `nameOf(0)` and so on in `names/` and `files/`, takes all that is sent, and gives the same bytes for every key. */
function serve() {
  const counts = { names, files, empty: 0 };
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(content));
  const object = {
    'content-length': content.length,
    etag: '"0-2"',
    'last-modified': 'Sat, 01 Nov 2025 00:00:00 GMT',
    'x-amz-checksum-crc32': digest.toString('base64'),
    'x-amz-checksum-type': 'FULL_OBJECT',
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (request.method === 'PUT') {
      request.resume().on('end', () => response.writeHead(200, { etag: '"0"', 'content-length': 0 }).end());
      return;
    }
    if (!url.searchParams.has('list-type')) return void response.writeHead(200, object).end(content);
    const prefix = url.searchParams.get('prefix');
    const count = counts[prefix.slice(0, -1)] ?? 0;
    const after = url.searchParams.get('continuation-token') ?? url.searchParams.get('start-after') ?? '';
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (prefix + nameOf(middle) > after) high = middle;
      else low = middle + 1;
    }
    const end = Math.min(count, low + 1000);
    let text = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>${prefix}</Prefix><IsTruncated>${end < count}</IsTruncated>`;
    if (end < count) text += `<NextContinuationToken>${prefix}${nameOf(end - 1)}</NextContinuationToken>`;
    for (let index = low; index < end; index++)
      text += `<Contents><Key>${prefix}${nameOf(index)}</Key><LastModified>2025-11-01T00:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    response.writeHead(200, { 'content-type': 'application/xml' }).end(`${text}</ListBucketResult>`);
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
}

const workloads = {
  'plan files against names': ({ folder, place }) =>
    sync(local(join(folder, 'names')), place('names'), { compare: 'size', dryRun: true }),
  'plan names against names': ({ place }) =>
    sync(place('names'), place('names', 'other-bucket'), { dryRun: true }),
  'plan names against nothing': ({ folder, place }) =>
    sync(place('names'), local(join(folder, 'nothing')), { dryRun: true }),
  'up 4 KiB': ({ folder, place }) => sync(local(join(folder, 'files')), place('empty')),
  'down 4 KiB': ({ folder, place }) => sync(place('files'), local(join(folder, 'down'))),
};

async function sample(workload, port, folder) {
  const config = { accessKeyId: 'a', secretAccessKey: 'b', endpoint: `http://127.0.0.1:${port}` };
  const storage = new Storage(new S3Connection(config));
  const started = performance.now();
  let last;
  for await (const event of workloads[workload]({
    folder,
    place: (prefix, bucket = 'bucket') => remote(storage, bucket, prefix),
  }))
    last = event;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage();
  if (last.totals.failed.count > 0) throw new Error(`${last.totals.failed.count} have failed`);
  const { unchanged, uploaded, downloaded } = last.totals;
  process.send({
    seconds,
    cpu: (user + system) / 1e6,
    peak: process.resourceUsage().maxRSS / 1024,
    count: unchanged + uploaded.count + downloaded.count,
  });
  await once(process, 'disconnect');
  process.exit();
}

async function makeFiles(folder, count, bytes) {
  for (let start = 0; start < count; start += 100) {
    await mkdir(join(folder, nameOf(start).split('/')[0]), { recursive: true });
    await Promise.all(
      Array.from({ length: Math.min(100, count - start) }, (_, offset) =>
        writeFile(join(folder, nameOf(start + offset)), bytes),
      ),
    );
  }
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 's3kit-benchmark-'));
  const service = fork(self, ['child', 'serve', names, files]);
  const [port] = await once(service, 'message');
  try {
    await makeFiles(join(folder, 'names'), names, 'x');
    await makeFiles(join(folder, 'files'), files, content);
    console.log(`Node ${process.versions.node}; ${names} names, ${files} files of 4 KiB`);
    for (const workload of Object.keys(workloads)) {
      const child = fork(self, ['child', workload, names, files, port, folder]);
      const [{ seconds, cpu, peak, count }] = await once(child, 'message');
      child.disconnect();
      console.log(
        `${workload.padEnd(28)} ${count} in ${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s of CPU, ${peak.toFixed(0)} MiB at most`,
      );
    }
  } finally {
    service.disconnect();
    await rm(folder, { recursive: true });
  }
}

if (role === 'parent') await main();
else if (role === 'serve') serve();
else await sample(role, numbers[2], numbers[3]);
