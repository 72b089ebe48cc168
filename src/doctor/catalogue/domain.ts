import type { CheckGroup } from './entry.ts';

export const domain = {
  group: 'domain',
  about:
    'These check the host that Slack calls: --webhook-domain if it is given, else --domain. A value that cannot be a public domain, such as an IP address or localhost, is rejected before anything runs.',
  checks: [
    {
      id: 'domain.valid',
      title: 'the domain can be a public name',
      proves: 'The name can exist in the public DNS.',
      causes: ['The name ends in .internal, .local or another ending that exists in private networks only.'],
      advice:
        'Give the public name that Slack calls with --webhook-domain. If Spacelift has none, run a relay or use Socket Mode.',
      run: ['spacelift-slack doctor --domain spacelift.internal.example --webhook-domain slack.example.com'],
    },
    {
      id: 'dns.resolves',
      title: 'the name has addresses in DNS',
      proves:
        'The name has A or AAAA records; later checks test all of them. /etc/hosts is not read, since Slack does not know it. With --connect-to the check is skipped unless --dns names a resolver.',
      causes: [
        'The record does not exist yet, or the name is misspelt.',
        'The name exists and has no address, for instance a TXT record only.',
        'The name servers of the zone fail (SERVFAIL), often because of DNSSEC or a wrong delegation.',
        'The DNS or the network of this machine is at fault: slack.com does not resolve either.',
        'The name has only IPv6 addresses, or one of the two record types cannot be looked up (a warning).',
      ],
      advice: 'Create the A record, or ask another resolver to see whether only this one lacks it.',
      run: ['spacelift-slack doctor --only dns --dns 1.1.1.1'],
    },
    {
      id: 'dns.public',
      title: 'every address can be reached from the internet',
      proves:
        'No address is private, loopback, link-local, carrier-grade NAT, unique local, reserved for documentation or IPv4-mapped. With --connect-to the check is skipped.',
      causes: [
        'The name points to an internal load balancer.',
        'The name resolves differently inside your network (split-horizon DNS).',
      ],
      advice:
        'Point the public name to a public address, or run a relay and give its host with --webhook-domain. A public resolver shows what Slack sees.',
      run: ['spacelift-slack doctor --only dns --dns 1.1.1.1'],
    },
  ],
} as const satisfies CheckGroup;
