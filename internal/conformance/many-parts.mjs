// Uploads at the edge of 10,000 parts, to a service that throws everything away: how many parts there are, whether they fit S3's
// limits, and how much memory they take. With sizes and limits divided by 1,024; with --full, of a sparse file of 50 GiB.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { S3Connection, S3Facts, Storage } from '@s3kit/core';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

const [role, settings] = process.argv.slice(2);
if (role === 'client') await client(JSON.parse(settings));
else await main(role === '--full');

async function main(full) {
  const folder = mkdtempSync(join(tmpdir(), 's3kit-parts-'));
  const file = join(folder, 'sparse');
  writeFileSync(file, '');
  // 10,000 of the smallest parts; a byte more, which needs larger ones; and 50 GiB.
  const sizes = [10_000 * 5 * MiB, 10_000 * 5 * MiB + KiB, 50 * GiB];
  const scale = full ? 1 : KiB;
  const runs = full
    ? [{ size: 50 * GiB, stream: false }]
    : sizes.flatMap((size) => [false, true].map((stream) => ({ size: size / scale, stream })));
  try {
    for (const { size, stream } of runs) {
      truncateSync(file, size);
      const sink = await startSink();
      const started = performance.now();
      const child = spawn(
        process.execPath,
        [process.argv[1], 'client', JSON.stringify({ port: sink.port, file, size, stream, scale })],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let peak = '';
      child.stdout.on('data', (text) => {
        peak += text;
      });
      const [status] = await once(child, 'exit');
      if (status !== 0) throw new Error(`the client ended with ${status}`);
      check(sink, size, scale);
      console.log(
        `${size} bytes${full ? '' : ' (of 1,024 times as many)'} as a ${stream ? 'stream' : 'file'}: ${sink.parts.size} parts of up to ${sink.largest()} bytes; peak ${peak} MiB; ${((performance.now() - started) / 1000).toFixed(1)} s`,
      );
      if (Number(peak) > 200) throw new Error('that is too much memory');
      await sink.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function check(sink, size, scale) {
  const sizes = [...sink.parts.values()];
  const bytes = sizes.reduce((sum, part) => sum + part, 0);
  const { minimumPartSize, maximumPartSize, maximumPartNumber } = S3Facts;
  if (bytes !== size) throw new Error(`${bytes} bytes arrived of ${size}`);
  if (sizes.length > maximumPartNumber) throw new Error(`${sizes.length} parts`);
  for (let number = 1; number <= sizes.length; number++) {
    const part = sink.parts.get(number);
    const small = part < minimumPartSize / scale && number < sizes.length;
    if (part === undefined || small || part > maximumPartSize / scale)
      throw new Error(`part ${number} has ${part} bytes`);
  }
}

/** A service that takes parts, and remembers nothing but their sizes. */
async function startSink() {
  const parts = new Map();
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      const number = /[?&]partNumber=(\d+)/.exec(request.url)?.[1];
      if (number !== undefined) parts.set(Number(number), bytes);
      response.setHeader('etag', '"0123456789abcdef0123456789abcdef"');
      if (request.method === 'PUT') response.end();
      else if (request.url.endsWith('?uploads='))
        response.end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
      else response.end('<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    parts,
    largest: () => [...parts.values()].reduce((most, size) => Math.max(most, size), 0),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function client({ port, file, size, stream, scale }) {
  const scaled = (bytes) => bytes / scale;
  const { minimumPartSize, maximumPartSize, maximumPartNumber, multipartThreshold } = S3Facts;
  const storage = new Storage(
    new S3Connection(
      {
        accessKeyId: 'PARTS',
        secretAccessKey: 'parts-secret',
        defaultBucket: 'parts',
        endpoint: `http://127.0.0.1:${port}`,
      },
      {
        limits: {
          minimumPartSize: scaled(minimumPartSize),
          maximumPartSize: scaled(maximumPartSize),
          multipartThreshold: scaled(multipartThreshold),
          maximumFileSize: scaled(maximumPartSize) * maximumPartNumber,
        },
      },
    ),
  );
  const options = stream ? { partSize: scaled(minimumPartSize) } : {};
  await storage.write(stream ? zeros(size) : file, 'file', options);
  process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));
  storage.connection.close();
}

async function* zeros(size) {
  const chunk = new Uint8Array(64 * KiB);
  for (let left = size; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
}
