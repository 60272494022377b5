import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig({
  ...library,
  // What `#digest` is is settled where the package is used: the `imports` of package.json choose the file.
  entry: ['src/index.ts', 'src/digest-node.ts', 'src/digest-portable.ts'],
  external: ['#digest'],
  dts: { entry: ['src/index.ts'] },
});
