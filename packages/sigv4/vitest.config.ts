import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string): string => fileURLToPath(new URL(`src/${name}`, import.meta.url));

export default defineConfig({
  resolve: { alias: { '#sha256': source('sha256-node.ts'), '#p256': source('p256-node.ts') } },
  test: { name: 'sigv4' },
});
