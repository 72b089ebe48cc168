import type { Finding } from './check.ts';
import { fail, worstFirst } from './check.ts';
import type { Network, Visit } from './network.ts';
import { quote } from './quote.ts';

/**
 * Looks at every address of a host and makes one finding of what was seen. Where they differ, the worst counts and
 * its address is named. An address that this machine has no route to, such as an IPv6 one from a network without it,
 * is left out as long as there is another.
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
  const { finding } = worst;
  const alike = seen.filter((one) => one.finding.status === finding.status);
  const left = untried.length > 0 ? ` (not tried from here: ${addresses(untried)})` : '';
  if (seen.length === 1) return { ...finding, detail: finding.detail + left };
  if (alike.length === seen.length) {
    const where = finding.status === 'pass' ? 'each' : 'all';
    return { ...finding, detail: `${finding.detail} (${where} of ${seen.length} addresses)${left}` };
  }
  if (finding.status === 'pass') {
    const skipped = seen.filter((one) => one.finding.status === 'skip').map(({ visit }) => visit);
    return { ...finding, detail: `${finding.detail} (not seen on ${addresses(skipped)})${left}` };
  }
  const which = `${addresses(alike.map(({ visit }) => visit))} (${alike.length} of ${seen.length} addresses)`;
  return { ...finding, detail: `${which}: ${finding.detail}${left}` };
}

function addresses(visits: readonly Visit[]): string {
  return visits.map(({ place }) => place.address).join(', ');
}
