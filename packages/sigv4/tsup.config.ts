import { defineConfig } from 'tsup';
import { library } from '../../tsup.base.ts';

export default defineConfig({
  ...library,
  // What `#sha256` and `#p256` are is settled where the package is used: the `imports` of package.json choose the file.
  entry: [
    'src/index.ts',
    'src/v4a.ts',
    'src/sha256-node.ts',
    'src/sha256-portable.ts',
    'src/p256-node.ts',
    'src/p256-web.ts',
  ],
  external: ['#sha256', '#p256'],
  // One class of it is all that is used, and its ESM form can be loaded by bundlers only.
  noExternal: [/^@aws-crypto\//],
  dts: { entry: ['src/index.ts', 'src/v4a.ts'] },
});
