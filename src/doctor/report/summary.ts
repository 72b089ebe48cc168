import { type Status, worstFirst } from '../check.ts';
import type { CheckReport } from './report.ts';

const words: Readonly<Record<Status, string>> = {
  pass: 'passed',
  warn: 'warned',
  fail: 'failed',
  skip: 'skipped',
};

/** How many checks ended in each way, without those that none did: `3 passed, 1 failed`. */
export function countEnds(checks: readonly Pick<CheckReport, 'status'>[]): string {
  return (['pass', 'warn', 'fail', 'skip'] as const)
    .map((status) => ({ status, count: checks.filter((check) => check.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${words[status]}`)
    .join(', ');
}

/** The worst end among the checks of a group; `skip` if none of them looked. */
export function groupStatus(checks: readonly Pick<CheckReport, 'status'>[]): Status {
  return checks.toSorted(worstFirst)[0]?.status ?? 'skip';
}
