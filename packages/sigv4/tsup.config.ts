import { defineConfig } from 'tsup';
import { library, modules } from '../../tsup.base.ts';

// What these are is settled where the package is used: the `imports` of package.json choose the file.
const external = ['#sha256', '#p256'];
// One class of it is all that is used, and its ESM form can be loaded by bundlers only.
const noExternal = [/^@aws-crypto\//];

export default defineConfig([
  {
    ...library,
    entry: [
      'src/index.ts',
      'src/v4a.ts',
      'src/sha256-node.ts',
      'src/sha256-portable.ts',
      'src/p256-node.ts',
      'src/p256-web.ts',
    ],
    external,
    noExternal,
    dts: { entry: ['src/index.ts', 'src/v4a.ts'] },
  },
  { ...modules, external, noExternal },
]);
