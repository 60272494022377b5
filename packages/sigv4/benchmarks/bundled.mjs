import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** The package as a browser would get it, with the portable hash, loaded here. */
export async function bundled() {
  const { outputFiles } = await build({
    stdin: { contents: `export { Signer } from '@s3kit/sigv4'`, resolveDir: folder },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  const file = `${folder}/bundled.tmp.mjs`;
  await writeFile(file, outputFiles[0].contents);
  try {
    return await import(file);
  } finally {
    await rm(file);
  }
}
