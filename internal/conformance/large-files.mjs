// A file of 100 MiB + 1 byte and one of 0 bytes go up and come down the same, with memory that stays flat. Prints the peak.
import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { S3Connection, Storage } from '@s3kit/core';

const MiB = 1024 * 1024;

if (process.argv[2] === 'client') await client(process.argv[3], process.argv[4]);
else await compare();

/** The endpoint lives in this process, the client in another, so that the peak is the client's alone. */
async function compare() {
  const { startServer } = await import('@s3kit/server');
  const server = await startServer({ users: [{ accessKeyId: 'LARGE', secretAccessKey: 'large-secret' }] });
  const folder = mkdtempSync(join(tmpdir(), 's3kit-large-'));
  const child = spawn(process.execPath, [process.argv[1], 'client', server.endpoint, folder], {
    stdio: 'inherit',
  });
  const [status] = await once(child, 'exit');
  await server.close();
  rmSync(folder, { recursive: true });
  process.exitCode = status;
}

async function client(endpoint, folder) {
  const storage = new Storage(
    new S3Connection({
      accessKeyId: 'LARGE',
      secretAccessKey: 'large-secret',
      defaultBucket: 'large',
      endpoint,
    }),
  );
  await storage.bucketCreate('large');
  const idle = peak();
  const peaks = [];
  for (const size of [0, 100 * MiB + 1, 400 * MiB]) {
    const file = join(folder, 'up');
    const digest = makeFile(file, size);
    await storage.write(file, 'file');
    await storage.read('file', join(folder, 'down'));
    if (digestOf(join(folder, 'down')) !== digest) throw new Error(`${size} bytes came back changed`);
    peaks.push(peak());
    console.log(
      `${size} bytes: the same up and down; peak resident memory ${Math.round(peak() / MiB)} MiB, ${Math.round((peak() - idle) / MiB)} above the start`,
    );
  }
  // Parts under way take 20 MiB, buffers and the heap the rest; 300 MiB more of a file must not take more.
  const [, some = 0, more = 0] = peaks;
  if (more - some > 64 * MiB || more - idle > 160 * MiB) throw new Error('the memory grows with the file');
}

function peak() {
  return process.resourceUsage().maxRSS * 1024;
}

function makeFile(path, size) {
  const hash = createHash('sha256');
  const block = Buffer.alloc(MiB);
  const file = openSync(path, 'w');
  for (let left = size; left > 0; left -= block.length) {
    const chunk = randomFillSync(block.subarray(0, Math.min(left, block.length)));
    hash.update(chunk);
    writeSync(file, chunk);
  }
  closeSync(file);
  return hash.digest('hex');
}

function digestOf(path) {
  const hash = createHash('sha256');
  const block = Buffer.alloc(MiB);
  const file = openSync(path, 'r');
  for (let length = readSync(file, block); length > 0; length = readSync(file, block))
    hash.update(block.subarray(0, length));
  closeSync(file);
  return hash.digest('hex');
}
