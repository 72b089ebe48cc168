import { describe, expect, it } from 'vitest';
import { lookUp } from '../../../src/doctor/probe/name-lookup.ts';
import { dnsServer, type Zone } from '../../support/dns-server.ts';

const name = 'spacelift.example.com';

async function ask(records: Zone[string] | undefined) {
  const server = await dnsServer(records === undefined ? {} : { [name]: records });
  return lookUp(name, { server, signal: new AbortController().signal });
}

describe('lookUp', () => {
  it('finds every address of both kinds', async () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8::2'];
    const found = await ask(addresses.toReversed());
    expect(found).toMatchObject({ found: true });
    expect(found.found && found.addresses.toSorted()).toEqual(addresses);
  });

  it.each([
    ['a name that does not exist', undefined, 'ENOTFOUND'],
    ['a name without an address', [], 'ENODATA'],
    ['name servers that fail', 'SERVFAIL', 'ESERVFAIL'],
    ['a resolver that never answers', 'silence', 'ETIMEOUT'],
  ] as const)('tells %s', async (_, records, code) => {
    expect(await ask(records)).toEqual({ found: false, code });
  });

  it.each([
    ['A', { A: 'SERVFAIL', AAAA: ['2001:db8::1'] }, ['2001:db8::1']],
    ['AAAA', { A: ['10.0.0.1'], AAAA: 'SERVFAIL' }, ['10.0.0.1']],
  ] as const)('says that the %s record alone cannot be looked up', async (type, records, addresses) => {
    expect(await ask(records)).toEqual({
      found: true,
      addresses,
      failedOn: { type, code: 'ESERVFAIL' },
    });
  });

  it('ends with the signal', async () => {
    const server = await dnsServer({ [name]: 'silence' });
    expect(await lookUp(name, { server, signal: AbortSignal.timeout(50) })).toEqual({
      found: false,
      code: 'ECANCELLED',
    });
  });
});
