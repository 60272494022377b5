import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig({
  ...library,
  // `#sha256` is resolved where the package is used: the `imports` of package.json choose the file.
  entry: ['src/index.ts', 'src/sha256-node.ts', 'src/sha256-portable.ts'],
  external: ['#sha256'],
  dts: { entry: 'src/index.ts' },
});
