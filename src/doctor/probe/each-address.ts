import { isIPv6 } from 'node:net';
import { type Finding, fail, skip, worstFirst } from '../check.ts';
import { quote } from '../quote.ts';
import type { Network, Visit } from './network.ts';

/**
 * Looks at every address of a host and makes one finding of what was seen. Where they differ, the worst counts, and
 * each thing that is said stands with its addresses. An address that this machine has no route to, such as an IPv6 one
 * from a network without it, is left out as long as there is another; a name with IPv6 alone cannot be judged there.
 */
export async function onEachAddress(
  network: Pick<Network, 'visit'>,
  host: string,
  look: (visit: Visit) => Promise<Finding>,
): Promise<Finding> {
  const visits = await network.visit(host);
  if (visits.length === 0) {
    return fail(
      `${quote(host)} has no address to connect to`,
      'Create its A record, or wait until it is known.',
    );
  }
  const routed = visits.filter(hasRoute);
  const untried = visits.filter((visit) => !hasRoute(visit));
  if (routed.length === 0 && visits.every(({ place }) => isIPv6(place.address))) {
    return skip(
      `${host} has IPv6 addresses alone, and this machine has no route to them`,
      'Run the doctor from a machine with IPv6.',
    );
  }
  const looked = routed.length > 0 ? routed : visits;
  const findings = await Promise.all(looked.map(async (visit) => ({ visit, finding: await look(visit) })));
  return merge(findings, routed.length > 0 ? untried : []);
}

function hasRoute({ handshake }: Visit): boolean {
  return handshake.connected || handshake.failure.kind !== 'no-route';
}

interface Seen {
  readonly visit: Visit;
  readonly finding: Finding;
}

function merge(seen: readonly Seen[], untried: readonly Visit[]): Finding {
  const [worst] = seen.toSorted((a, b) => worstFirst(a.finding, b.finding));
  if (!worst) throw new Error('a host without addresses has no finding');
  const { status } = worst.finding;
  const alike = seen.filter((one) => one.finding.status === status);
  const told = [...new Set(alike.map(({ finding }) => finding.detail))].map((detail) => ({
    detail,
    by: alike.filter(({ finding }) => finding.detail === detail).map(({ visit }) => visit),
  }));
  const left = untried.length > 0 ? ` (not tried from here: ${addresses(untried)})` : '';
  const hints = [...new Set(alike.flatMap(({ finding }) => finding.hint ?? []))];
  const finding = (detail: string): Finding => ({
    status,
    detail: detail + left,
    ...(hints.length > 0 && { hint: hints.join(' ') }),
  });
  if (seen.length === 1) return finding(worst.finding.detail);
  if (told.length === 1 && alike.length === seen.length) {
    const where = status === 'pass' ? 'each' : 'all';
    return finding(`${worst.finding.detail} (${where} of ${seen.length} addresses)`);
  }
  const parts = told.map(
    ({ detail, by }) => `${addresses(by)} (${by.length} of ${seen.length} addresses): ${detail}`,
  );
  if (status === 'pass' && alike.length < seen.length) {
    const skipped = seen.filter((one) => one.finding.status === 'skip').map(({ visit }) => visit);
    const seenAs = told.length === 1 ? worst.finding.detail : parts.join('; ');
    return finding(`${seenAs} (not seen on ${addresses(skipped)})`);
  }
  return finding(parts.join('; '));
}

function addresses(visits: readonly Visit[]): string {
  return visits.map(({ place }) => place.address).join(', ');
}
