import { domain } from './domain.ts';
import { endpoint } from './endpoint.ts';
import type { CheckEntry, CheckGroup } from './entry.ts';
import { environment } from './environment.ts';
import { signature } from './signature.ts';
import { slack } from './slack.ts';
import { socket } from './socket.ts';
import { tls } from './tls.ts';

const catalogue = [environment, domain, tls, endpoint, signature, slack, socket] as const;

export type Group = (typeof catalogue)[number]['group'];
export type CheckId = (typeof catalogue)[number]['checks'][number]['id'];

/** A check as it is published, with its group. */
export interface DescribedCheck extends CheckEntry {
  readonly id: CheckId;
  readonly group: Group;
}

/** Every group with what holds for its checks, in the order of the report. */
export const checkGroups: readonly (CheckGroup & { readonly group: Group })[] = catalogue;

export const groups: readonly Group[] = catalogue.map(({ group }) => group);

/** Every check, in the order of the report: what a check needs stands before it. */
export const describedChecks: readonly DescribedCheck[] = catalogue.flatMap(({ group, checks }) =>
  checks.map((entry) => ({ ...entry, group })),
);

export const checkIds: readonly CheckId[] = describedChecks.map(({ id }) => id);

const byId: ReadonlyMap<string, DescribedCheck> = new Map(describedChecks.map((entry) => [entry.id, entry]));

/** What is published about a check; undefined if there is no check with this id. */
export function findCheck(id: string): DescribedCheck | undefined {
  return byId.get(id);
}

/** What is published about a check. */
export function describeCheck(id: CheckId): DescribedCheck {
  const entry = byId.get(id);
  if (!entry) throw new Error(`the catalogue has no ${id}`);
  return entry;
}

/** The checks that an id, its first part (`dns`) or a group stands for; undefined if it is none of them. */
export function checksNamed(name: string): readonly CheckId[] | undefined {
  const named = describedChecks.filter(({ id, group }) => [id, id.split('.')[0], group].includes(name));
  return named.length > 0 ? named.map(({ id }) => id) : undefined;
}
