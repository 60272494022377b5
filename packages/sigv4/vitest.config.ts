import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '#sha256': fileURLToPath(new URL('src/sha256-node.ts', import.meta.url)) } },
  test: { name: 'sigv4' },
});
