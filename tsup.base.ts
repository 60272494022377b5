import type { Options } from 'tsup';

/** What every library package is built as: ESM and CommonJS with declarations for each. */
export const library: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  sourcemap: true,
  clean: true,
  target: 'node20',
  treeshake: true,
};
