import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsup';

// What of yaml is an ES module: its CommonJS twin would lose its named exports on the way.
const fromCore = createRequire(
  fileURLToPath(new URL('node_modules/@s3kit/core/package.json', import.meta.url)),
);
const yaml = join(dirname(fromCore.resolve('yaml/package.json')), 'browser/index.js');

// ESM only: nobody imports a command line. All that a command needs is in few files, so that nothing is looked for in
// node_modules when it starts; what is large, and seldom needed, stays outside.
export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  platform: 'node',
  sourcemap: true,
  clean: true,
  minify: true,
  target: 'node20',
  splitting: true,
  noExternal: [/^(?!@s3kit\/server$)(?!@aws-sdk\/)/],
  external: ['@s3kit/server', /^@aws-sdk\//],
  esbuildOptions(options) {
    options.alias = { yaml };
  },
  // Packages in CommonJS ask for Node's modules in their own way.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
});
