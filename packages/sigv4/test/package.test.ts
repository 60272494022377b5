import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { build, type Platform } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));

const program = `
  import { Signer } from '@s3kit/sigv4';
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
  const signer = new Signer({ region: 'us-east-1', credentials });
  const request = { method: 'GET', host: 'examplebucket.s3.amazonaws.com', path: '/test.txt', headers: { Range: 'bytes=0-9' } };
  globalThis.signature = signer.sign(request, { date: new Date('2013-05-24T00:00:00Z') }).signature;
`;

// The Amazon S3 API Reference: "Example: GET Object".
const expected = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';

/** The program as a bundler would ship it, and the modules in it. */
async function bundle(platform: Platform): Promise<{ text: string; modules: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: folder },
    bundle: true,
    format: 'iife',
    logLevel: 'silent',
    metafile: true,
    platform,
    write: false,
  });
  return { text: outputFiles[0]?.text ?? '', modules: Object.keys(metafile.inputs) };
}

describe('the built package', () => {
  beforeAll(() => {
    if (!existsSync(`${folder}/dist/index.js`)) throw new Error('build the package first: turbo run build');
  });

  test('in a bundle for browsers holds no Node built-in, and signs', async () => {
    const { text, modules } = await bundle('browser');
    expect(modules.some((name) => name.endsWith('dist/sha256-portable.js'))).toBe(true);
    expect(modules.some((name) => name.includes('sha256-node'))).toBe(false);
    expect(text).not.toMatch(/node:|require\(|\bBuffer\.alloc/);
    // Nothing but what every browser has.
    const sandbox: Record<string, unknown> = { TextEncoder, Uint8Array };
    runInNewContext(text, sandbox);
    expect(sandbox['signature']).toBe(expected);
  });

  test('in a bundle for Node uses node:crypto, and no other implementation', async () => {
    const { modules } = await bundle('node');
    expect(modules.some((name) => name.endsWith('dist/sha256-node.js'))).toBe(true);
    expect(modules.some((name) => name.includes('@aws-crypto'))).toBe(false);
  });

  test.each([
    ['import', ['--input-type=module', '--eval', `${program}; console.log(signature)`]],
    [
      'require',
      [
        '--eval',
        `${program.replace(/import (.*) from (.*);/, 'const $1 = require($2);')}; console.log(signature)`,
      ],
    ],
  ])('signs in Node by %s', (_, args) => {
    expect(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).trim()).toBe(expected);
  });

  test('runs the example of the README', () => {
    const example = /```js\n(.*?)```/s.exec(readFileSync(`${folder}/README.md`, 'utf8'))?.[1] ?? '';
    const args = ['--input-type=module', '--eval', example];
    const [authorization, url, kind] = execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
    }).split('\n');
    expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//);
    expect(url).toMatch(/^https:\/\/bucket\.s3\.eu-west-1\.amazonaws\.com\/1%2B1%20%3D%202\.txt\?/);
    expect(kind).toBe('header');
  });
});
