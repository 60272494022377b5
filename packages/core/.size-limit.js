// Minified and compressed, in a browser. What `import()` loads is left out unless it is named: a page that does what the row says,
// over HTTPS, with keys, in a browser that has WebCrypto, and that S3 does not refuse, never asks for it.

/** Leaves out of a bundle what is loaded later, but for these modules. */
const atStart = (...wanted) => ({
  name: 'at-start',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' && !wanted.some((name) => path.endsWith(`/${name}.js`))
        ? { path, external: true }
        : undefined,
    );
  },
});

const row = (name, limit, names, plugin) => ({
  name,
  limit,
  path: 'dist/web/index.js',
  import: names,
  gzip: true,
  modifyEsbuildConfig: (config) => ({ ...config, format: 'esm', plugins: plugin ? [plugin] : [] }),
});

const objects = '{ Connection, WriteS3Request, OpenS3Request }';
const storage = '{ S3Connection, Storage }';

export default [
  row('put and get', '9 kB', objects, atStart()),
  row('put and get, with all that may be loaded later', '45.5 kB', objects),
  row('all of Storage, at the start', '17.5 kB', storage, atStart()),
  // The reader of XML, and what a refusal is told by and mended with ('there is none' is one).
  row('all of Storage, with listings and refusals', '25 kB', storage, atStart('listing', 'xml', 'refusals')),
  row('all of Storage, with all that may be loaded later', '66 kB', storage),
];
