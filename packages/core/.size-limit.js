import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Leaves of a bundle what its entry loads at once, as one file, as most bundlers write it. What `import()` loads is not part of
 * that; a module that both need is.
 */
const atStart = {
  name: 'at-start',
  setup(build) {
    build.onEnd(async ({ metafile }) => {
      const [entry] =
        Object.entries(metafile.outputs).find(([, output]) => output.entryPoint?.endsWith('index.js')) ?? [];
      const files = new Set([entry]);
      for (const file of files) {
        for (const { path, kind } of metafile.outputs[file].imports)
          if (kind === 'import-statement') files.add(path);
      }
      const merged = join(dirname(entry), 'at-start.js');
      await writeFile(merged, (await Promise.all([...files].map((file) => readFile(file, 'utf8')))).join(''));
      metafile.outputs = { [merged]: metafile.outputs[entry] };
    });
  },
};

const bundle = { path: 'dist/web/index.js', gzip: true };
const splitting = (config) => ({ ...config, format: 'esm', splitting: true, plugins: [atStart] });

const putAndGet = '{ S3Connection, WriteS3Request, OpenS3Request }';
const storage = '{ S3Connection, Storage }';

export default [
  {
    ...bundle,
    name: 'put and get, at the start',
    import: putAndGet,
    limit: '9 kB',
    modifyEsbuildConfig: splitting,
  },
  {
    ...bundle,
    name: 'put and get, with all that is loaded when it is wanted',
    import: putAndGet,
    limit: '50 kB',
  },
  {
    ...bundle,
    name: 'all of Storage, at the start',
    import: storage,
    limit: '25 kB',
    modifyEsbuildConfig: splitting,
  },
  {
    ...bundle,
    name: 'all of Storage, with all that is loaded when it is wanted',
    import: storage,
    limit: '60 kB',
  },
];
