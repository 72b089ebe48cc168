import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SkipReport } from './test/support/skip-report.ts';

const systemTests = ['test/**/*.system.test.ts', 'test/e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    // vitest leaves one core to itself; most system tests wait for processes, not for the processor.
    maxWorkers: availableParallelism(),
    reporters: ['default', new SkipReport()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: systemTests,
          setupFiles: 'test/support/unit-isolation.ts',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          include: systemTests,
          globalSetup: 'test/support/postgres-setup.ts',
          // Generous: on a busy machine, real processes, shells and browsers are late.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
