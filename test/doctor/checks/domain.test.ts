import { describe, expect, it } from 'vitest';
import type { Lookup } from '../../../src/doctor/probe/name-lookup.ts';
import { domain, host, network } from '../given.ts';
import { run } from '../run-check.ts';

const found = (...addresses: readonly string[]): Lookup => ({ found: true, addresses });
const at = (lookups: Readonly<Record<string, Lookup>>, usesGivenResolver = false) =>
  network({
    usesGivenResolver,
    lookUp: async (name) => lookups[name] ?? { found: false, code: 'ETIMEOUT' },
  });
const slack = { 'slack.com': found('3.3.3.3') };
const route = { text: 'a:443:10.0.0.1:8443', host: 'a', port: 443, toHost: '10.0.0.1', toPort: 8443 };

describe('domain.valid', () => {
  it('passes with the host that Slack calls', async () => {
    expect(await run('domain.valid')).toEqual({ status: 'pass', detail: host });
    const target = { domain: domain(host), webhookDomain: domain('slack.example.com') };
    expect(await run('domain.valid', { target })).toEqual({
      status: 'pass',
      detail: `${host}; Slack calls slack.example.com`,
    });
  });

  it('warns about a name that exists in private networks only', async () => {
    const target = { domain: domain(host), webhookDomain: domain('spacelift.internal') };
    expect(await run('domain.valid', { target })).toEqual({
      status: 'warn',
      detail: 'spacelift.internal has an ending that exists in private networks only',
      hint: expect.stringContaining('--webhook-domain'),
    });
  });

  it('passes with Socket Mode, where the relay alone calls', async () => {
    const target = { domain: domain(host), webhookDomain: domain('spacelift.internal') };
    expect(await run('domain.valid', { target }, { socketMode: true })).toEqual({
      status: 'pass',
      detail: 'the relay calls spacelift.internal',
    });
  });
});

describe('dns.resolves', () => {
  it.each<[Lookup, string, string, RegExp?]>([
    [found('203.0.113.7'), 'pass', `${host} resolves to 203.0.113.7`],
    [found('203.0.113.7', '2001:db8::7'), 'pass', `${host} resolves to 203.0.113.7, 2001:db8::7`],
    [
      found('2001:db8::7', '2001:db8::8'),
      'warn',
      `${host} has IPv6 addresses only: 2001:db8::7, 2001:db8::8`,
      /^Add an A record/,
    ],
    [
      { found: true, addresses: ['203.0.113.7'], failedOn: { type: 'AAAA', code: 'ESERVFAIL' } },
      'warn',
      `${host} has the addresses 203.0.113.7, but its AAAA record cannot be looked up (ESERVFAIL)`,
      /^Have the name server respond for both A and AAAA/,
    ],
    [
      { found: false, code: 'ENOTFOUND' },
      'fail',
      `${host} does not exist in DNS`,
      /^Create its A record, or fix/,
    ],
    [
      { found: false, code: 'ENODATA' },
      'fail',
      `${host} exists in DNS, but has no address`,
      /^Create its A record\.$/,
    ],
    [{ found: false, code: 'ESERVFAIL' }, 'fail', `the name servers of ${host} fail (SERVFAIL)`, /DNSSEC/],
    [
      { found: false, code: 'EREFUSED' },
      'fail',
      `the resolver gives no response for ${host} (EREFUSED)`,
      /^Check the resolver of this machine/,
    ],
  ])('reports of %j: %s', async (lookup, status, detail, hint) => {
    expect(await run('dns.resolves', { network: at({ ...slack, [host]: lookup }) })).toEqual({
      status,
      detail,
      ...(hint && { hint: expect.stringMatching(hint) }),
    });
  });

  it.each([
    ['ENOTFOUND', false, /this resolver does not know public names$/, /--dns 1\.1\.1\.1/],
    ['ENOTFOUND', true, /this resolver does not know public names$/, /^Name another resolver with --dns/],
    [
      'ETIMEOUT',
      false,
      /\(ETIMEOUT\): the DNS or the network of this machine is at fault$/,
      /name a resolver with --dns/,
    ],
    [
      'ETIMEOUT',
      true,
      /\(ETIMEOUT\): the DNS or the network of this machine is at fault$/,
      /the address that --dns names/,
    ],
  ])(
    'blames the resolver for %s if it does not find Slack either (named: %s)',
    async (code, named, detail, hint) => {
      expect(await run('dns.resolves', { network: at({ [host]: { found: false, code } }, named) })).toEqual({
        status: 'fail',
        detail: expect.stringMatching(detail),
        hint: expect.stringMatching(hint),
      });
    },
  );

  it('blames the name if the resolver knows that it has no address', async () => {
    expect(
      await run('dns.resolves', { network: at({ [host]: { found: false, code: 'ENODATA' } }) }),
    ).toMatchObject({ detail: `${host} exists in DNS, but has no address` });
  });

  it('looks nothing up where --connect-to gives the address, unless a resolver is named', async () => {
    const routed = { ...at(slack), route: () => route };
    expect(await run('dns.resolves', { network: routed })).toEqual({
      status: 'skip',
      detail: 'not looked up: --connect-to a:443:10.0.0.1:8443 gives the address',
    });
    expect(await run('dns.resolves', { network: { ...routed, usesGivenResolver: true } })).toMatchObject({
      status: 'fail',
    });
    const portOnly = {
      ...at({ [host]: found('203.0.113.7') }),
      route: () => ({ ...route, toHost: undefined }),
    };
    expect(await run('dns.resolves', { network: portOnly })).toMatchObject({ status: 'pass' });
  });
});

describe('dns.public', () => {
  it.each([
    [['8.8.8.8'], '8.8.8.8: public'],
    [['8.8.8.8', '2606:4700::1111'], '8.8.8.8, 2606:4700::1111: public'],
  ])('passes for %j', async (addresses, detail) => {
    expect(await run('dns.public', { network: at({ [host]: found(...addresses) }) })).toEqual({
      status: 'pass',
      detail,
    });
  });

  it.each([
    [['10.1.2.3'], '10.1.2.3 is private (RFC 1918)'],
    [['8.8.8.8', '10.1.2.3'], '10.1.2.3 is private (RFC 1918) (1 of 2 addresses)'],
    [
      ['10.1.2.3', '10.1.2.4'],
      '10.1.2.3 is private (RFC 1918); 10.1.2.4 is private (RFC 1918) (2 of 2 addresses)',
    ],
  ])('fails for %j', async (addresses, list) => {
    expect(await run('dns.public', { network: at({ [host]: found(...addresses) }) })).toEqual({
      status: 'fail',
      detail: `${host} resolves to an address that Slack cannot reach: ${list}`,
      hint: expect.stringContaining('--webhook-domain'),
    });
  });

  it('reports a name without addresses as dns.resolves does', async () => {
    const lookups = { ...slack, [host]: { found: false, code: 'ENOTFOUND' } } as const;
    expect(await run('dns.public', { network: at(lookups) })).toMatchObject({
      status: 'fail',
      detail: `${host} does not exist in DNS`,
    });
  });

  it('judges nothing where --connect-to overrides DNS, or with Socket Mode', async () => {
    expect(await run('dns.public', { network: { ...at(slack), route: () => route } })).toEqual({
      status: 'skip',
      detail: 'not judged: --connect-to a:443:10.0.0.1:8443 overrides DNS',
    });
    expect(await run('dns.public', {}, { socketMode: true })).toEqual({
      status: 'skip',
      detail: 'not checked: with Socket Mode, Slack calls no address',
    });
  });
});
