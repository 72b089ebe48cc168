import { type CheckResult, fail } from '../check.ts';
import type { Network } from '../probe/network.ts';

/** A name that exists: if this one has no address either, the fault is on this side. */
const controlName = 'slack.com';

type Lookups = Pick<Network, 'lookUp' | 'usesGivenResolver'>;

/** Whether neither this name nor one that certainly exists can be looked up. */
export async function resolvesNothing({ lookUp }: Pick<Lookups, 'lookUp'>, name: string): Promise<boolean> {
  const [lookup, control] = await Promise.all([lookUp(name), lookUp(controlName)]);
  return !lookup.found && !control.found;
}

/** Says why a name has no address. @param code of its lookup */
export async function unresolvedName(network: Lookups, name: string, code: string): Promise<CheckResult> {
  // A resolver that knows the name without an address works.
  return code !== 'ENODATA' && (await resolvesNothing(network, name))
    ? resolverAtFault(name, code, network.usesGivenResolver)
    : nameAtFault(name, code);
}

function resolverAtFault(name: string, code: string, given: boolean): CheckResult {
  if (code === 'ENOTFOUND') {
    return fail(
      `${name} does not exist in DNS, and neither does ${controlName}: this resolver does not know public names`,
      given
        ? 'Name another resolver with --dns, such as a public one.'
        : 'Ask a public resolver with --dns 1.1.1.1, or run doctor from a machine with access to the internet.',
    );
  }
  return fail(
    `neither ${name} nor ${controlName} can be looked up (${code}): the DNS or the network of this machine is at fault`,
    given
      ? 'Check the address that --dns names, and that this machine can reach it.'
      : 'Check the network and the resolver of this machine, or name a resolver with --dns.',
  );
}

function nameAtFault(name: string, code: string): CheckResult {
  switch (code) {
    case 'ENOTFOUND':
      return fail(
        `${name} does not exist in DNS`,
        'Create its A record, or fix the name; a new record may take a while to appear.',
      );
    case 'ENODATA':
      return fail(`${name} exists in DNS, but has no address`, 'Create its A record.');
    case 'ESERVFAIL':
      return fail(
        `the name servers of ${name} fail (SERVFAIL)`,
        'Check the delegation and DNSSEC of the zone, for instance at dnsviz.net.',
      );
    default:
      return fail(
        `the resolver gives no response for ${name} (${code})`,
        'Check the resolver of this machine, or name another one, such as --dns 1.1.1.1.',
      );
  }
}
