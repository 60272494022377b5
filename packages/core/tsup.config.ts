import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// What these are is settled where the package is used: the `imports` of package.json choose the file.
const external = ['#files', '#signing', '#transport'];
const define = { S3KIT_VERSION: JSON.stringify(version) };

export default defineConfig([
  {
    ...library,
    entry: {
      index: 'src/index.ts',
      otel: 'src/otel.ts',
      'files-node': 'src/node/files.ts',
      'files-none': 'src/web/no-files.ts',
      'signing-node': 'src/node/signing.ts',
      'signing-web': 'src/web/signing.ts',
      'transport-node': 'src/node/transport.ts',
      'range-thread': 'src/node/range-thread.ts',
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
  { ...modules, define, external },
]);
