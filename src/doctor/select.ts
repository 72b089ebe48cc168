import type { CheckId } from './catalogue/catalogue.ts';
import type { Check } from './check.ts';

export interface SelectOptions {
  /** The checks to run; undefined for all. */
  readonly only: readonly CheckId[] | undefined;
  readonly skip: readonly CheckId[];
  /** True if nothing may use the network. */
  readonly offline: boolean;
  /** False if no domain is given. */
  readonly domain: boolean;
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
export function select(
  all: readonly Check[],
  { only, skip, offline, domain }: SelectOptions,
): CheckSelection {
  const checks = all.filter(({ id }) => only === undefined || only.includes(id));
  const excluded = new Map<CheckId, string>();
  for (const { id, network, needsDomain } of checks) {
    if (skip.includes(id)) excluded.set(id, 'excluded by --skip');
    else if (offline && network) excluded.set(id, 'excluded by --offline: it needs a network');
    else if (!domain && needsDomain !== false) excluded.set(id, 'not run: no domain is given (--domain)');
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

/**
 * Whether a run makes no sense without a domain: one of its checks needs both a domain and the network, or all of them
 * need a domain.
 */
export function requiresDomain(all: readonly Check[], options: Omit<SelectOptions, 'domain'>): boolean {
  const { checks, runs } = select(all, { ...options, domain: true });
  const running = checks.filter(({ id }) => runs.has(id));
  const dependent = running.filter(({ needsDomain }) => needsDomain !== false);
  return (
    dependent.some(({ network }) => network) || (dependent.length > 0 && dependent.length === running.length)
  );
}
