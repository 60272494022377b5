// Runs the built program, so that V8 compiles what commands need of it, and keeps that beside it: see bin/load.cjs.
import { isAscii } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { S3Connection, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';

const { compile, compiledFor, program, run } = createRequire(import.meta.url)('../bin/load.cjs');

if (!isAscii(readFileSync(program)))
  throw new Error(`${program} has other characters than those of ASCII: write them as \\u....`);

// What commands have in common, and what the most usual ones do: what only asks comes first.
const uses = [
  ['ls s3://bucket/', 'ls s3://bucket/folder/'],
  [
    'cp -r source s3://bucket/a/',
    'cp -r s3://bucket/a/ copy',
    'sync source s3://bucket/a/',
    'rm -r s3://bucket/a/',
  ],
];

const user = { accessKeyId: 'COMPILED', secretAccessKey: 'compiled-secret' };
const folder = await mkdtemp(join(tmpdir(), 's3kit-compiled-'));
const source = join(folder, 'source');
await mkdir(source);
await writeFile(join(source, 'file'), 'content');
const server = await startServer({ users: [user], buckets: ['bucket'] });
const { endpoint } = server;
const storage = new Storage(new S3Connection({ endpoint, defaultBucket: 'bucket', ...user }));
for (const key of ['folder/object', 'object']) await storage.write({ text: 'content' }, key);

// Nothing but these says whose keys and which service.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
Object.assign(process.env, {
  HOME: folder,
  USERPROFILE: folder,
  AWS_ACCESS_KEY_ID: user.accessKeyId,
  AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
  AWS_ENDPOINT_URL: endpoint,
});
process.chdir(folder);

const script = compile();
const { main } = run(script);
const { argv, stderr, stdout } = process;
const { write } = stdout;
try {
  // What the commands print is of no interest here.
  stdout.write = stderr.write = () => true;
  for (const lines of uses) {
    for (const line of lines) {
      process.argv = [...argv.slice(0, 2), ...line.split(' ')];
      await main('0');
      if (process.exitCode !== 0) throw new Error(`${line}: status ${process.exitCode}`);
    }
    writeFileSync(compiledFor(process.argv[2]), script.createCachedData());
  }
} finally {
  stdout.write = stderr.write = write;
  await server.close();
  await rm(folder, { recursive: true });
}
