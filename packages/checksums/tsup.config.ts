import { defineConfig } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

// What these are is settled where the package is used: the `imports` of package.json choose the file.
const external = ['#crc32', '#digest', '#folding'];

export default defineConfig([
  {
    ...library,
    entry: [
      'src/index.ts',
      'src/digest-node.ts',
      'src/digest-portable.ts',
      'src/crc32-node.ts',
      'src/crc32-portable.ts',
      'src/folding-node.ts',
      'src/folding-none.ts',
    ],
    external,
    dts: { entry: ['src/index.ts'] },
  },
  { ...modules, external },
]);
