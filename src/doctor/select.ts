import type { CheckId } from './catalogue/catalogue.ts';
import type { Check } from './check.ts';

export interface SelectOptions {
  /** The checks to run; undefined for all. */
  readonly only: readonly CheckId[] | undefined;
  readonly skip: readonly CheckId[];
  /** True if nothing may use the network. */
  readonly offline: boolean;
}

export interface CheckSelection {
  /** Those that the report lists. */
  readonly checks: readonly Check[];
  /** Those among them that are not run, with why. */
  readonly excluded: ReadonlyMap<CheckId, string>;
  /** Those that are run. */
  readonly runs: ReadonlySet<CheckId>;
  /** The one among them that reports why no connection was made; without it each would repeat the same. */
  readonly connectionReporter: CheckId | undefined;
}

/** Selects the checks of a run. The report omits what `--only` does not name, and lists the rest as not run. */
export function select(all: readonly Check[], { only, skip, offline }: SelectOptions): CheckSelection {
  const checks = all.filter(({ id }) => only === undefined || only.includes(id));
  const excluded = new Map<CheckId, string>();
  for (const { id, network } of checks) {
    if (skip.includes(id)) excluded.set(id, 'excluded by --skip');
    else if (offline && network) excluded.set(id, 'excluded by --offline: it needs a network');
  }
  const run = checks.filter(({ id }) => !excluded.has(id));
  return {
    checks,
    excluded,
    runs: new Set(run.map(({ id }) => id)),
    connectionReporter: run
      .filter(({ connectionReportRank }) => connectionReportRank !== undefined)
      .toSorted((a, b) => (b.connectionReportRank ?? 0) - (a.connectionReportRank ?? 0))[0]?.id,
  };
}
