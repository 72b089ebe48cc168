import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import type { NeedName } from './need.ts';
import { type Need, needs, packagesOf } from './needs.js';

/**
 * Ends the report of a run with the tests that were skipped, by what this machine lacks, and the command that
 * installs it. Where CI is set, a skipped test makes the run fail.
 */
export class SkipReport implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // With -t, the tests of other names are skipped too.
    if (this.#vitest === undefined || this.#vitest.getGlobalTestNamePattern()) return;
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    if (process.env['CI']) process.exitCode = 1;

    const lines = [`Skipped ${skipped.length} tests:`, ''];
    const missing = [...new Set(skipped.map((test) => test.meta().missing))];
    for (const name of missing) {
      const tests = skipped.filter((test) => test.meta().missing === name);
      lines.push(`  ${name === undefined ? 'by the test itself' : reason(name)}`);
      lines.push(...titles(tests).map((title) => `    ${title}`), '');
    }
    const packages = packagesOf(missing.flatMap((name) => (name === undefined ? [] : [needs[name]])));
    if (packages.length > 0)
      lines.push(`To run them: apt-get install --no-install-recommends ${packages.join(' ')}`, '');
    this.#vitest.logger.log(lines.join('\n'));
  }
}

function reason(name: NeedName): string {
  const { otherwise }: Need = needs[name];
  return otherwise === undefined ? `${name} is missing` : `${name}: ${otherwise}`;
}

/** One line per test, or one per file or group where all of its tests were skipped. */
function titles(tests: readonly TestCase[]): readonly string[] {
  const modules = [...new Set(tests.map((test) => test.module))];
  return modules.flatMap((module) => titlesIn(module, new Set(tests), module.relativeModuleId));
}

function titlesIn(
  group: TestModule | TestSuite,
  tests: ReadonlySet<TestCase>,
  title: string,
): readonly string[] {
  const all = [...group.children.allTests()];
  if (all.length > 1 && all.every((test) => tests.has(test))) return [`${title} (all ${all.length} tests)`];
  return group.children.array().flatMap((child) => {
    const childTitle = `${title} > ${child.name}`;
    if (child.type === 'suite') return titlesIn(child, tests, childTitle);
    return tests.has(child) ? [childTitle] : [];
  });
}
