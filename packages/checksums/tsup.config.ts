import { defineConfig } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

// What it is is settled where the package is used: the `imports` of package.json choose the file.
const external = ['#digest'];

export default defineConfig([
  {
    ...library,
    entry: ['src/index.ts', 'src/digest-node.ts', 'src/digest-portable.ts'],
    external,
    dts: { entry: ['src/index.ts'] },
  },
  { ...modules, external },
]);
