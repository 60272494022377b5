import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'sync', testTimeout: 30_000 } });
