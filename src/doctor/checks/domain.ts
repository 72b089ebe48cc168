import { hasPrivateEnding } from '../../domain.ts';
import { whyNotPublic } from '../../net/public-address.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';

export const domainChecks: readonly Check[] = [
  {
    id: 'domain.valid',
    needs: [],
    network: false,
    async run({ target: { domain, webhookDomain } }) {
      if (hasPrivateEnding(webhookDomain)) {
        return warn(
          `${webhookDomain} ends in a name that exists in private networks only`,
          'Slack needs a name in the public DNS: give the public one with --webhook-domain.',
        );
      }
      return pass(domain === webhookDomain ? domain : `${domain}; Slack calls ${webhookDomain}`);
    },
  },
  {
    id: 'dns.resolves',
    needs: ['domain.valid'],
    network: true,
    async run({ target: { webhookDomain: name }, network }) {
      const route = network.route(name);
      if (route?.toHost !== undefined && !network.asksGivenResolver) {
        return skip(`not asked: --connect-to ${route.text} says where ${name} is`);
      }
      const lookup = await network.lookUp(name);
      if (!lookup.found) return fail(...absence(name, lookup.code));
      if (lookup.failedOn) {
        return warn(
          `${name} is at ${lookup.addresses.join(', ')}, but its ${lookup.failedOn.type} record cannot be looked up (${lookup.failedOn.code})`,
          'Have the name server answer for both A and AAAA; a resolver may give up on a name of which one fails.',
        );
      }
      if (lookup.addresses.every((address) => address.includes(':'))) {
        return warn(
          `${name} has IPv6 addresses only: ${lookup.addresses.join(', ')}`,
          'Add an A record: nothing says that Slack calls over IPv6.',
        );
      }
      return pass(`${name} is at ${lookup.addresses.join(', ')}`);
    },
  },
  {
    id: 'dns.public',
    needs: ['dns.resolves'],
    network: true,
    async run({ target: { webhookDomain: name }, network }) {
      const route = network.route(name);
      if (route) return skip(`not judged: --connect-to ${route.text} leads elsewhere than DNS`);
      const lookup = await network.lookUp(name);
      if (!lookup.found) return fail(...absence(name, lookup.code));
      const bad = lookup.addresses.flatMap((address) => {
        const reason = whyNotPublic(address);
        return reason === undefined ? [] : [`${address} ${reason}`];
      });
      if (bad.length === 0) return pass(`${lookup.addresses.join(', ')}: public`);
      const share =
        lookup.addresses.length > 1 ? ` (${bad.length} of ${lookup.addresses.length} addresses)` : '';
      return fail(
        `${name} resolves to an address that Slack cannot reach: ${bad.join('; ')}${share}`,
        'Point the public name at a public address, or run a relay and give its host with --webhook-domain; where names resolve differently inside, --dns 1.1.1.1 shows what Slack sees.',
      );
    },
  },
];

function absence(name: string, code: string): [detail: string, hint: string] {
  switch (code) {
    case 'ENOTFOUND':
      return [
        `${name} does not exist in DNS`,
        'Create its A record, or mend the name; a new record may take a while to be seen.',
      ];
    case 'ENODATA':
      return [`${name} exists in DNS, but has no address`, 'Create its A record.'];
    case 'ESERVFAIL':
      return [
        `the name servers of ${name} fail (SERVFAIL)`,
        'Check the delegation and DNSSEC of the zone, for instance at dnsviz.net.',
      ];
    default:
      return [
        `the resolver gives no answer for ${name} (${code})`,
        'Check the resolver of this machine, or name another one, such as --dns 1.1.1.1.',
      ];
  }
}
