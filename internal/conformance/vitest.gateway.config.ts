import { defineConfig } from 'vitest/config';

// The tier that needs a real service; `npm test` leaves it out.
export default defineConfig({
  root: import.meta.dirname,
  test: { name: 'gateway', include: ['gateway/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 },
});
