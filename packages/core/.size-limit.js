// What is loaded by `import()` when it is wanted, or not at all.
const later = {
  name: 'later',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

const all = { path: 'dist/web/index.js', gzip: true };
const atStart = { ...all, modifyEsbuildConfig: (config) => ({ ...config, format: 'esm', plugins: [later] }) };

const putAndGet = '{ S3Connection, WriteS3Request, OpenS3Request }';
const storage = '{ S3Connection, Storage }';

export default [
  { ...atStart, name: 'put and get', import: putAndGet, limit: '9 kB' },
  { ...all, name: 'put and get, with all that may be loaded later', import: putAndGet, limit: '50 kB' },
  { ...atStart, name: 'all of Storage', import: storage, limit: '25 kB' },
  { ...all, name: 'all of Storage, with all that may be loaded later', import: storage, limit: '60 kB' },
];
