import type { CheckId } from './catalogue.ts';
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
}

/** What `--only` does not name is no part of the run; what is left out of it is still reported, as not checked. */
export function select(all: readonly Check[], { only, skip, offline }: SelectOptions): Selection {
  const checks = all.filter(({ id }) => only === undefined || only.includes(id));
  const leftOut = new Map<CheckId, string>();
  for (const { id, network } of checks) {
    if (skip.includes(id)) leftOut.set(id, 'left out by --skip');
    else if (offline && network) leftOut.set(id, 'left out by --offline: it needs a network');
  }
  const runs = new Set(checks.map(({ id }) => id).filter((id) => !leftOut.has(id)));
  return { checks, leftOut, runs };
}
