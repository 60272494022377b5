import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // The sources, as all that the tests import; not what the last build made of them, with classes of its own.
  resolve: {
    alias: {
      '#files': source('src/node/files.ts'),
      '#signing': source('src/node/signing.ts'),
      '#transport': source('src/node/transport.ts'),
    },
  },
  test: { name: 'core' },
});
