import type { CheckId } from './catalogue/catalogue.ts';
import type { Check } from './check.ts';

export interface SelectOptions {
  /** The checks that are wanted; undefined for all. */
  readonly only: readonly CheckId[] | undefined;
  readonly skip: readonly CheckId[];
  /** True where nothing may use the network. */
  readonly offline: boolean;
}

export interface Selection {
  /** Those that the report lists. */
  readonly checks: readonly Check[];
  /** Those among them that are not run, with why. */
  readonly leftOut: ReadonlyMap<CheckId, string>;
  /** Those that are run. */
  readonly runs: ReadonlySet<CheckId>;
  /** The one among them that reports why no connection was made; without it each would repeat the same. */
  readonly connectionReporter: CheckId | undefined;
}

/** What `--only` does not name is no part of the run; what is left out of it is still reported, as not checked. */
export function select(all: readonly Check[], { only, skip, offline }: SelectOptions): Selection {
  const checks = all.filter(({ id }) => only === undefined || only.includes(id));
  const leftOut = new Map<CheckId, string>();
  for (const { id, network } of checks) {
    if (skip.includes(id)) leftOut.set(id, 'left out by --skip');
    else if (offline && network) leftOut.set(id, 'left out by --offline: it needs a network');
  }
  const run = checks.filter(({ id }) => !leftOut.has(id));
  return {
    checks,
    leftOut,
    runs: new Set(run.map(({ id }) => id)),
    connectionReporter: run
      .filter((check) => check.connectionReportRank !== undefined)
      .toSorted((a, b) => (b.connectionReportRank ?? 0) - (a.connectionReportRank ?? 0))[0]?.id,
  };
}
