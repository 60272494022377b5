import type { Options } from 'tsup';

/** What every library package is built as: ESM and CommonJS with declarations for each. */
export const library: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  sourcemap: true,
  // What `modules` makes is there beside it.
  clean: ['!web', '!web/**'],
  target: 'node20',
  treeshake: true,
};

/**
 * What bundlers for browsers take by the condition `browser`: each module as a file of its own, since what they leave out, and
 * what they load later, are files.
 */
export const modules: Options = {
  entry: ['src/**/*.ts', '!src/node/**', '!src/**/*-node.ts'],
  outDir: 'dist/web',
  format: ['esm'],
  platform: 'browser',
  target: 'es2022',
  splitting: false,
  sourcemap: true,
  clean: true,
  esbuildPlugins: [
    {
      name: 'siblings',
      setup(build) {
        build.onResolve({ filter: /^\.\.?\// }, ({ path, importer }) =>
          importer === '' || importer.includes('node_modules')
            ? undefined
            : { path: path.replace(/\.ts$/, '.js'), external: true },
        );
      },
    },
  ],
};
