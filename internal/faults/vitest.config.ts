import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'faults', testTimeout: 20_000 } });
