import { defineConfig } from 'vitest/config';
import { SkipReport } from './test/support/skip-report.ts';

const systemTests = ['test/**/*.system.test.ts', 'test/e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', new SkipReport()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: systemTests,
          setupFiles: 'test/support/unit-isolation.ts',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: systemTests,
          globalSetup: 'test/support/postgres-setup.ts',
          // Real processes, shells and browsers are late at times on a loaded machine; the report marks what was tried twice.
          retry: process.env['CI'] === undefined ? 0 : 1,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
