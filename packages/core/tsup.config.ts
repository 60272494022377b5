import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// What these are is settled where the package is used: the `imports` of package.json choose the file.
const external = ['#files', '#signing', '#transport'];
const define = { S3KIT_VERSION: JSON.stringify(version) };

// Seldom needed: they stay files of their own.
const apart = /agent-transport|range-threads|special-routes/;

/** What pages load later, Node has at once: a hundred small files take it 20 ms more to find, read and link than one. */
const atOnce: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'at-once',
  setup(build) {
    build.onResolve({ filter: /^#(?:files|signing|transport)$/ }, ({ path }) => ({
      path: fileURLToPath(new URL(`src/node/${path.slice(1)}.ts`, import.meta.url)),
    }));
    build.onLoad({ filter: /[/\\]core[/\\]src[/\\].+\.ts$/ }, async ({ path }) => {
      const imports: string[] = [];
      const contents = (await readFile(path, 'utf8')).replace(
        /(await )?import\('(\.[^']+)'\)/g,
        (written, awaited: string | undefined, from: string) => {
          if (apart.test(from)) return written;
          const name = `later${imports.length}`;
          imports.push(`import * as ${name} from '${from}';`);
          return awaited === undefined ? `Promise.resolve(${name})` : name;
        },
      );
      return { contents: `${imports.join('')}${contents}`, loader: 'ts' };
    });
  },
};

const ofThread = '!range-thread.cjs*';

// CommonJS takes a thread 15 ms less than an ES module before its first line.
const thread: Options = {
  ...library,
  entry: { 'range-thread': 'src/node/range-thread.ts' },
  format: ['cjs'],
  splitting: false,
  dts: false,
  clean: false,
};

export default defineConfig([
  {
    ...library,
    clean: ['!web', '!web/**', '!node', '!node/**', ofThread],
    entry: {
      index: 'src/index.ts',
      otel: 'src/otel.ts',
      'files-node': 'src/node/files.ts',
      'files-none': 'src/web/no-files.ts',
      'signing-node': 'src/node/signing.ts',
      'signing-web': 'src/web/signing.ts',
      'transport-node': 'src/node/transport.ts',
      'transport-web': 'src/web/transport.ts',
    },
    define,
    external,
    // In CommonJS too, the classes that several of them use are there once.
    splitting: true,
    // For the one that has to find a file beside it.
    shims: true,
    dts: { entry: { index: 'src/index.ts', otel: 'src/otel.ts' } },
  },
  {
    ...library,
    entry: { index: 'src/index.ts' },
    outDir: 'dist/node',
    format: ['esm'],
    dts: false,
    clean: [ofThread],
    define,
    splitting: true,
    esbuildPlugins: [atOnce],
  },
  ...['dist', 'dist/node'].map((outDir) => ({ ...thread, outDir })),
  { ...modules, define, external },
]);
