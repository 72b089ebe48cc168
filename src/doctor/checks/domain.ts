import { hasPrivateEnding } from '../../domain.ts';
import { whyNotPublic } from '../../net/public-address.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';
import { unresolvedName } from './unresolved-name.ts';

export const domainChecks: readonly Check[] = [
  {
    id: 'domain.valid',
    needs: [],
    network: false,
    async run({ target: { domain, webhookDomain } }) {
      if (hasPrivateEnding(webhookDomain)) {
        return warn(
          `${webhookDomain} has an ending that exists in private networks only`,
          'Give the public name that Slack calls with --webhook-domain: Slack needs a name in the public DNS.',
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
      if (route?.toHost !== undefined && !network.usesGivenResolver) {
        return skip(`not looked up: --connect-to ${route.text} gives the address`);
      }
      const lookup = await network.lookUp(name);
      if (!lookup.found) return unresolvedName(network, name, lookup.code);
      const addresses = lookup.addresses.join(', ');
      if (lookup.failedOn) {
        const { type, code } = lookup.failedOn;
        return warn(
          `${name} has the addresses ${addresses}, but its ${type} record cannot be looked up (${code})`,
          'Have the name server respond for both A and AAAA; a resolver may give up on a name if one of them fails.',
        );
      }
      if (lookup.addresses.every((address) => address.includes(':'))) {
        return warn(
          `${name} has IPv6 addresses only: ${addresses}`,
          'Add an A record: Slack does not document that it calls over IPv6.',
        );
      }
      return pass(`${name} resolves to ${addresses}`);
    },
  },
  {
    id: 'dns.public',
    needs: ['dns.resolves'],
    network: true,
    async run({ target: { webhookDomain: name }, network }) {
      const route = network.route(name);
      if (route) return skip(`not judged: --connect-to ${route.text} overrides DNS`);
      const lookup = await network.lookUp(name);
      if (!lookup.found) return unresolvedName(network, name, lookup.code);
      const bad = lookup.addresses.flatMap((address) => {
        const reason = whyNotPublic(address);
        return reason === undefined ? [] : [`${address} ${reason}`];
      });
      if (bad.length === 0) return pass(`${lookup.addresses.join(', ')}: public`);
      const share =
        lookup.addresses.length > 1 ? ` (${bad.length} of ${lookup.addresses.length} addresses)` : '';
      return fail(
        `${name} resolves to an address that Slack cannot reach: ${bad.join('; ')}${share}`,
        'Point the public name to a public address, or run a relay and give its host with --webhook-domain; if names resolve differently inside, --dns 1.1.1.1 shows what Slack sees.',
      );
    },
  },
];
