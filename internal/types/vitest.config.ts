import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'types', testTimeout: 120_000 } });
