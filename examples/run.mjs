// Runs every example against an endpoint that it starts: each in the same fresh folder, with an s3.yaml in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { loadConfig, S3Connection, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 's3kit-examples-'));
const user = { accessKeyId: 'EXAMPLES', secretAccessKey: 'examples-secret' };
const server = await startServer({ users: [user] });
const file = join(folder, 's3.yaml');
writeFileSync(
  file,
  `s3:\n    access_key_id: "${user.accessKeyId}"\n    secret_access_key: "${user.secretAccessKey}"\n    default_bucket: "my-bucket"\n    endpoint: "${server.endpoint}"\n`,
);
await new Storage(new S3Connection(await loadConfig(file))).bucketCreate('my-bucket');

// The s3 command of this checkout comes first.
const env = {
  ...process.env,
  PATH: `${join(here, 'node_modules', '.bin')}${delimiter}${process.env['PATH']}`,
};
let failures = 0;
const examples = readdirSync(here).filter((name) => /^\d\d-.*\.mjs$/.test(name));
for (const example of examples) {
  console.log(`--- ${example}`);
  const [status] = await once(
    spawn(process.execPath, [join(here, example)], { cwd: folder, stdio: 'inherit', env }),
    'exit',
  );
  if (status !== 0) failures++;
}
await server.close();
rmSync(folder, { recursive: true });
console.log(`${examples.length - failures} examples ran, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
