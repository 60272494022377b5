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
async function bundle(platform: Platform, contents = program): Promise<{ text: string; modules: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder },
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
    expect(modules.some((name) => name.endsWith('dist/web/sha256-portable.js'))).toBe(true);
    expect(modules.some((name) => name.includes('sha256-node'))).toBe(false);
    expect(text).not.toMatch(/node:|require\(|\bBuffer\.alloc/);
    // Nothing but what every browser has.
    const sandbox: Record<string, unknown> = { TextEncoder, Uint8Array };
    runInNewContext(text, sandbox);
    expect(sandbox['signature']).toBe(expected);
  });

  // A text that only the code of that use holds, and that a minifier would keep.
  const marks = {
    presign: 'X-Amz-Expires',
    verify: 'AuthorizationHeaderMalformed',
    forms: 'content-length-range',
    'streamed bodies': 'chunk-signature',
    'streamed bodies, received': 'MalformedTrailerError',
    fetch: 'redirect: "manual"',
    'version 4a': 'ECDSA',
  };
  // The names of errors are one table, of which a bundler keeps all.
  const errorNames = ['verify', 'streamed bodies, received'];
  test.each<[name: string, use: string, held: string[]]>([
    ['signHeaders', 'signHeaders(new SigningIdentity(options), request)', []],
    ['presignUrl', 'presignUrl(new SigningIdentity(options), request)', ['presign']],
    ['signPostForm', 'signPostForm(new SigningIdentity(options), {})', ['forms']],
    ['signChunked', 'signChunked(new SigningIdentity(options), request, {})', ['streamed bodies']],
    ['signedFetch', 'signedFetch(new SigningIdentity(options), "")', ['fetch']],
    ['verify', 'verify(request, {})', ['presign', ...errorNames]],
    ['verifyPostForm', 'verifyPostForm({}, {})', ['forms', ...errorNames]],
    ['decodeChunked', 'decodeChunked([], {})', ['streamed bodies', ...errorNames]],
    ['encodeKey', 'encodeKey("")', []],
  ])('%s brings nothing along that it does not use', async (name, use, held) => {
    const identity = use.includes('SigningIdentity') ? ', SigningIdentity' : '';
    const contents = `import { ${name}${identity} } from '@s3kit/sigv4'; const options = {}, request = {}; console.log(${use})`;
    const { text, modules } = await bundle('browser', contents);
    // All services' streaming literals are known to every signer.
    const code = text.replaceAll(/STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD(-TRAILER)?/g, '');
    const found = Object.entries(marks).flatMap(([mark, words]) => (code.includes(words) ? [mark] : []));
    expect(found.sort()).toEqual(held.sort());
    expect(modules.some((module) => /p256|v4a/.test(module))).toBe(false);
  });

  test('an import that is not used leaves nothing behind', async () => {
    for (const entry of ['@s3kit/sigv4', '@s3kit/sigv4/v4a']) {
      expect((await bundle('browser', `import '${entry}'`)).text).not.toContain('sha256');
    }
  });

  test.each(['browser', 'node'] as const)('version 4a in a bundle for %s', async (platform) => {
    const contents = `
      import { SignerV4a, verifyV4a } from '@s3kit/sigv4/v4a';
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
      const request = { method: 'GET', host: 'h', path: '/', query: '' };
      globalThis.verified = new SignerV4a({ credentials })
        .sign(request)
        .then(({ headers }) => verifyV4a({ ...request, headers }, { secretFor: () => credentials.secretAccessKey }));
    `;
    const { text, modules } = await bundle(platform, contents);
    expect(
      modules.some((name) =>
        name.endsWith(platform === 'node' ? 'dist/p256-node.js' : 'dist/web/p256-web.js'),
      ),
    ).toBe(true);
    if (platform === 'node') return;
    expect(text).not.toMatch(/node:|require\(|\bBuffer\b/);
    const sandbox: Record<string, unknown> = { TextEncoder, Uint8Array, crypto, btoa };
    runInNewContext(text, sandbox);
    expect(await sandbox['verified']).toMatchObject({ kind: 'header', regionSet: '*' });
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

  const examples = [
    ...readFileSync(`${folder}/README.md`, 'utf8').matchAll(
      /^## (.*?)\n(?:(?!^## )[\s\S])*?```js\n(.*?)```/gms,
    ),
  ];
  const printed: Record<string, RegExp> = {
    Sign: /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}\n$/,
    Presign:
      /^https:\/\/bucket\.s3\.eu-west-1\.amazonaws\.com\/a%20b\.jpg\?X-Amz-.*&X-Amz-Expires=600&.*response-content-disposition=attachment\n$/,
    'Browser upload form':
      /^<form .*name="key" value="uploads\/\$\{filename\}".*name="x-amz-signature".*<input type="file" name="file">.*<\/form>\n$/s,
    'Streaming upload': /^true STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n$/,
    'Verify in a server': /^200 header\n$/,
  };

  test('the README has an example for each use', () => {
    expect(examples.map(([, title]) => title)).toEqual(Object.keys(printed));
  });

  test.each(examples.map(([, title = '', code = '']) => [title, code]))(
    'runs the example of the README: %s',
    (title, code) => {
      const args = ['--input-type=module', '--eval', code];
      expect(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })).toMatch(
        printed[title] ?? /^$/,
      );
    },
  );
});
