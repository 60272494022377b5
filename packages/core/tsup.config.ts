import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig({
  ...library,
  // What `#files` and `#transport` are is settled where the package is used: the `imports` of package.json choose the file.
  entry: {
    index: 'src/index.ts',
    'files-node': 'src/node/files.ts',
    'files-none': 'src/web/no-files.ts',
    'transport-node': 'src/node/transport.ts',
    'transport-web': 'src/web/transport.ts',
  },
  external: ['#files', '#transport'],
  // In CommonJS too, the classes that several of them use are there once.
  splitting: true,
  dts: { entry: { index: 'src/index.ts' } },
});
