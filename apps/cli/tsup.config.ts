import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';

const here = createRequire(import.meta.url);
const fromCore = createRequire(
  fileURLToPath(new URL('node_modules/@s3kit/core/package.json', import.meta.url)),
);

// Large, and seldom needed: each is a file of its own.
const apart: Readonly<Record<string, string>> = {
  // What of yaml is an ES module: its CommonJS twin would lose its named exports on the way.
  yaml: join(dirname(fromCore.resolve('yaml/package.json')), 'browser/index.js'),
  'cli-progress': here.resolve('cli-progress'),
};

// One file, and CommonJS: nothing is looked for in node_modules when a command starts, V8 can keep all of it compiled, and an ES
// module would need 4 ms more before its first line.
const program: Options = {
  entry: { main: 'src/main.ts', ...apart },
  format: ['cjs'],
  platform: 'node',
  sourcemap: true,
  clean: true,
  minify: true,
  target: 'node20',
  splitting: false,
  // For the one that has to find a file beside the program.
  shims: true,
  noExternal: [/^(?!@s3kit\/server$)(?!@aws-sdk\/)/],
  external: ['@s3kit/server', /^@aws-sdk\//],
  esbuildOptions(options) {
    // What is loaded later is required: in a script that comes out of V8's cache, Node 20 knows no `import()`.
    options.supported = { 'dynamic-import': false };
    // Its ES modules: what is not used of those stays out.
    options.alias = { clipanion: join(dirname(here.resolve('clipanion')), 'index.mjs') };
  },
  esbuildPlugins: [
    {
      name: 'start',
      setup(build) {
        build.onResolve({ filter: /^(?:yaml|cli-progress)$/ }, ({ path }) => ({
          path: `./${path}.cjs`,
          external: true,
        }));
        // Clipanion opens standard input, and loads `node:tty` to ask for the terminal's colors: 4 ms of each start.
        build.onResolve({ filter: /^\.\.\/platform$/ }, ({ resolveDir }) => ({
          path: join(resolveDir, '../platform/browser.mjs'),
        }));
        build.onLoad({ filter: /clipanion[/\\]lib[/\\]advanced[/\\]Cli\.mjs$/ }, async ({ path }) => {
          const source = await readFile(path, 'utf8');
          const contents = source.replace('stdin: process.stdin,', '');
          if (contents === source) throw new Error(`${path} no longer opens standard input: look again`);
          return { contents };
        });
      },
    },
  ],
};

// What runs in the threads of large downloads: a module of its own, beside the program.
const thread: Options = {
  entry: { 'range-thread': join(dirname(here.resolve('@s3kit/core')), 'range-thread.cjs') },
  format: ['cjs'],
  platform: 'node',
  minify: true,
  target: 'node20',
  splitting: false,
  noExternal: [/./],
};

export default defineConfig([program, thread]);
