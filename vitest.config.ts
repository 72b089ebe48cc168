import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/postgres-setup.ts',
    // Real processes, shells and browsers are late at times on a loaded machine; the report marks what was tried twice.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
