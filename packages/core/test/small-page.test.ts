import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checksumOf } from '@s3kit/checksums';
import { verify } from '@s3kit/sigv4';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as Core from '../src/index.ts';
import { refuse, reply, ScriptedServer } from './scripted-server.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

let folder: string;
let small: typeof Core;
let server: ScriptedServer;

// What a page loads at the start, and nothing else: whatever it asks for later is not there.
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { Connection, WriteS3Request, OpenS3Request } from '@s3kit/core';",
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    plugins: [
      {
        name: 'later',
        setup: ({ onResolve }) =>
          onResolve({ filter: /./ }, ({ kind }) =>
            kind === 'dynamic-import' ? { path: './not-there.js', external: true } : undefined,
          ),
      },
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 's3kit-small-page-'));
  const file = join(folder, 'page.mjs');
  await writeFile(file, outputFiles[0]?.contents ?? '');
  // The bundle has three of the package's exports, under their names.
  small = (await import(pathToFileURL(file).href)) as typeof Core;
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

// Over HTTPS, contents are not part of the signature; here that has to be said.
const connect = (): Core.Connection =>
  new small.Connection({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'eu-central-1',
    credentials,
    payloadSigning: 'never',
  });

async function bytesOf(object: Core.ReadableObject | undefined): Promise<string> {
  let text = '';
  for await (const chunk of object?.body ?? []) text += new TextDecoder().decode(chunk);
  return text;
}

describe('what a page loads at the start', () => {
  test.each([
    ['bytes', new TextEncoder().encode('hello')],
    ['text', { text: 'hello' }],
    ['a Blob', new Blob(['hel', 'lo'])],
  ])('writes %s, signed and with a checksum', async (_, source) => {
    const headers = { 'Content-Type': 'text/plain', 'x-amz-meta-state': 'new' };
    const result = await new small.WriteS3Request(connect(), source, 'bucket', 'a b/ü', headers).send();
    expect(result).toMatchObject({ ok: true, error: '' });
    const [sent] = server.arrived;
    expect(sent?.body.toString()).toBe('hello');
    expect(sent?.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-amz-meta-state': 'new',
      'x-amz-checksum-crc32': checksumOf('crc32', Buffer.from('hello')),
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    });
    const { method = '', target = '', headers: received = {} } = sent ?? {};
    const verified = await verify(
      { method, path: target, query: '', headers: received as Record<string, string> },
      { secretFor: () => credentials.secretAccessKey, region: 'eu-central-1' },
    );
    expect(verified).toMatchObject({ kind: 'header', accessKeyId: credentials.accessKeyId });
  });

  test('reads an object, and checks it', async () => {
    const header = { 'x-amz-checksum-crc32': checksumOf('crc32', Buffer.from('content')) };
    server.script(reply(200, 'content', { ...header, 'x-amz-meta-state': 'new' }));
    const { object } = await new small.OpenS3Request(connect(), 'bucket', 'key').send();
    expect(await bytesOf(object)).toBe('content');
    expect(object).toMatchObject({ size: 7, metadata: { 'x-amz-meta-state': 'new' } });
    expect(server.arrived[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');
  });

  test('tells of a broken network when what repeats requests cannot be loaded either', async () => {
    const connection = connect();
    await server.close();
    const failure = await new small.OpenS3Request(connection, 'bucket', 'key').send().catch((error) => error);
    expect(failure).toMatchObject({ name: 'TransportError', code: 'ECONNREFUSED' });
    server = await ScriptedServer.start(reply(200));
  });

  test('asks for more when S3 refuses', async () => {
    server.script(refuse(404, 'NoSuchKey'));
    await expect(new small.OpenS3Request(connect(), 'bucket', 'key').send()).rejects.toThrow('not-there.js');
  });
});
