import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', transfers: 'src/transfers/index.ts' },
  format: ['esm'],
  dts: true,
  sourcemap: true,
  clean: true,
  target: 'node20',
});
