import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string): string => fileURLToPath(new URL(`src/${name}`, import.meta.url));

export default defineConfig({
  resolve: { alias: { '#sha256': source('sha256-node.ts'), '#p256': source('p256-node.ts') } },
  // Its ESM form has no extensions in its imports, which Node wants.
  test: { name: 'sigv4', server: { deps: { inline: ['@aws-crypto/sha256-js'] } } },
});
