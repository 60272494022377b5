import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** The code that an application bundles which imports only so much from the built package. */
async function bundle(names: string): Promise<string> {
  const result = await build({
    stdin: {
      contents: `import { ${names} } from '@s3kit/core'; console.log(${names});`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  return result.outputFiles.map(({ text }) => text).join('');
}

test('an application that only reads bundles only what reading needs', async () => {
  const reading = await bundle('ReadS3Request, S3Connection');
  for (const other of [
    'CompleteMultipartUpload',
    'x-amz-copy-source-range',
    'NextContinuationToken',
    'bucketConfigurations',
  ]) {
    expect(reading.includes(other), other).toBe(false);
  }
  const everything = await bundle('Storage, S3Connection');
  for (const other of ['CompleteMultipartUpload', 'x-amz-copy-source-range', 'NextContinuationToken']) {
    expect(everything.includes(other), other).toBe(true);
  }
});

test.each([
  [
    'the ways to access points and S3 Express, and SigV4a',
    'S3Connection',
    ['s3-accesspoint', 's3express-control', 'X-Amz-Region-Set'],
  ],
  ['the listings of versions and uploads', 'Storage', ['NextVersionIdMarker', 'NextUploadIdMarker']],
])('%s are loaded only where they are needed', async (_, imported, parts) => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${imported} } from '@s3kit/core'; console.log(${imported});`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    outdir: 'out',
    write: false,
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [path.replace(/.*[\\/]/, ''), text]));
  // What the entry imports at once, and what that imports.
  const atOnce = new Set(['stdin.js']);
  for (const file of atOnce) {
    for (const [, imported] of (texts.get(file) ?? '').matchAll(/(?:from|import)"\.\/([^"]+)"/g)) {
      if (imported !== undefined) atOnce.add(imported);
    }
  }
  const holding = (text: string): string[] =>
    [...texts].filter(([, content]) => content.includes(text)).map(([file]) => file);
  for (const special of parts) {
    expect(holding(special), special).not.toEqual([]);
    expect(
      holding(special).filter((file) => atOnce.has(file)),
      special,
    ).toEqual([]);
  }
});

test('in a browser, nothing of the whole package needs a built-in module, YAML or a parser of three times the size', async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: "export * from '@s3kit/core';", resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    metafile: true,
    write: false,
    // The chunks of the build import each other for nothing, which is dropped with a warning.
    logLevel: 'error',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect(imports).toEqual([]);
  const inputs = Object.keys(metafile.inputs).join('\n');
  expect(inputs).toContain('digest-portable');
  for (const other of ['/yaml/', '/fast-xml-parser/', '@opentelemetry', 'files-node', 'transport-node'])
    expect(inputs).not.toContain(other);
  const text = outputFiles.map((file) => file.text).join('');
  expect(text).not.toMatch(/\bBuffer\.|\bprocess\./);
});
