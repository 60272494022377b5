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
