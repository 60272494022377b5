import { defineConfig } from 'tsup';

// ESM only: nobody imports a command line.
export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  sourcemap: true,
  clean: true,
  target: 'node20',
  splitting: true,
});
