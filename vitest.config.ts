import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SkipReport } from './test/support/skip-report.ts';
import { systemTests, unit } from './vitest.unit.config.ts';

export default defineConfig({
  test: {
    // vitest leaves one core to itself; most system tests wait for processes, not for the processor.
    maxWorkers: availableParallelism(),
    reporters: ['default', new SkipReport()],
    // `npm run coverage`
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/generated/**'],
      reporter: ['text', 'json-summary'],
    },
    projects: [
      { test: unit },
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
