import { defineConfig, type ViteUserConfig } from 'vitest/config';

export const systemTests = ['test/**/*.system.test.ts', 'test/e2e/**/*.test.ts'];

/** The project `unit`: no process, no socket. */
export const unit = {
  name: 'unit',
  include: ['test/**/*.test.ts'],
  exclude: systemTests,
  setupFiles: 'test/support/unit-isolation.ts',
  testTimeout: 60_000,
} satisfies ViteUserConfig['test'];

/** The project alone, for `npm run mutation-score`, which may choose the tests. */
export default defineConfig({
  test: { ...unit, include: [process.env['MUTATION_TESTS'] ?? 'test/**/*.test.ts'] },
});
