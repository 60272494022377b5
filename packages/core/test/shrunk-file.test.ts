import { truncateSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLocalFile } from '../src/node/local-file.ts';
import { reply, ScriptedServer } from './scripted-server.ts';

const size = 30 * 1024 * 1024;

let server: ScriptedServer;
let folder: string;
let path: string;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
  folder = await mkdtemp(join(tmpdir(), 's3kit-shrunk-file-'));
  path = join(folder, 'f');
  await writeFile(path, Buffer.alloc(size));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const changed = () => ({
  code: 'ERR_S3KIT_SOURCE_CHANGED',
  message: expect.stringContaining(
    `${path} was changed while it was being sent: it had ${size} bytes, and has 1000`,
  ),
});

test('a file that is cut while it is uploaded in parts is told of as changed, with its sizes', async () => {
  server.script((request, response) => {
    if (request.target.endsWith('?uploads=')) truncateSync(path, 1000);
    reply(200, '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>')(
      request,
      response,
    );
  });
  await expect(server.storage().write(path, 'k')).rejects.toMatchObject(changed());
  expect(server.arrived.at(-1)?.method).toBe('DELETE');
});

test('so is one that is cut while it is read piece by piece', async () => {
  const file = await openLocalFile(path);
  await truncate(path, 1000);
  const read = async () => {
    for await (const _ of file.read(0, size));
  };
  await expect(read()).rejects.toMatchObject(changed());
  await file.close();
});
