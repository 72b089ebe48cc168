import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckId } from '../../../src/doctor/catalogue/catalogue.ts';
import type { Handshake } from '../../../src/doctor/probe/handshake.ts';
import { type CertificateAuthority, createAuthority } from '../../support/certificate-authority.ts';
import { host, network } from '../given.ts';
import { run } from '../run-check.ts';

const day = 24 * 60 * 60 * 1000;
let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await createAuthority('one');
});

const certificate = (pem: string) => new X509Certificate(pem);

type Leaf = Parameters<CertificateAuthority['issue']>[0];
const leaf = async (options: Partial<Leaf> = {}) =>
  certificate((await authority.issue({ names: [host], ...options })).certificate);

interface Server {
  readonly chain: readonly X509Certificate[];
  readonly objection?: string;
  readonly protocol?: string;
}

function judge(
  id: 'tls.trusted' | 'tls.hostname' | 'tls.expiry' | 'tls.version',
  { chain, objection, protocol = 'TLSv1.3' }: Server,
  { roots = [certificate(authority.root)], extraRoots = 0, now = Date.now() } = {},
) {
  const handshake: Handshake = { connected: true, protocol, chain, objection };
  return run(id, {
    network: network({
      handshakes: async () => [{ peer: { address: '203.0.113.7', port: 443 }, handshake }],
      roots: () => roots,
    }),
    extraRoots,
    now: () => now,
  });
}

describe('tls.version', () => {
  it.each([
    ['TLSv1.3', 'pass', 'TLS 1.3'],
    ['TLSv1.2', 'pass', 'TLS 1.2'],
    ['TLSv1.1', 'fail', 'the server speaks TLS 1.1 at most'],
    ['TLSv1', 'fail', 'the server speaks TLS 1 at most'],
  ])('judges %s', async (protocol, status, detail) => {
    const hint = 'Enable TLS 1.2 and 1.3 on the load balancer or proxy.';
    expect(await judge('tls.version', { chain: [], protocol })).toEqual({
      status,
      detail,
      ...(status === 'fail' && { hint }),
    });
  });

  it('reports a failed handshake itself, and no other failed connection', async () => {
    const failed = (
      failure: Extract<Handshake, { connected: false }>['failure'],
      connectionReporter: CheckId = 'webhook.reachable',
    ) =>
      run('tls.version', {
        connectionReporter,
        network: network({
          handshakes: async () => [
            { peer: { address: '203.0.113.7', port: 443 }, handshake: { connected: false, failure } },
          ],
        }),
      });
    expect(await failed({ kind: 'not-tls' })).toMatchObject({
      status: 'fail',
      detail: 'the server does not speak TLS on this port',
    });
    expect(await failed({ kind: 'refused' }, 'tls.version')).toMatchObject({
      status: 'fail',
      detail: 'connection refused',
    });
    expect(await failed({ kind: 'refused' })).toEqual({
      status: 'skip',
      detail: 'no connection was made; webhook.reachable reports why',
    });
  });
});

describe('tls.hostname', () => {
  it('passes for a certificate of the host', async () => {
    expect(await judge('tls.hostname', { chain: [await leaf()] })).toEqual({
      status: 'pass',
      detail: `the certificate covers ${host}`,
    });
  });

  it.each([
    [['a.example.com'], '"a.example.com"'],
    [
      ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example.com`),
      '"a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com"',
    ],
    [
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}.example.com`),
      '"a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com" and 2 more',
    ],
    [[], 'no DNS name (its subject is "CN=")'],
  ])('fails for one of %j', async (names, covered) => {
    expect(await judge('tls.hostname', { chain: [await leaf({ names })] })).toEqual({
      status: 'fail',
      detail: `the certificate is for another host: it covers ${covered}, not ${host}`,
      hint: expect.stringContaining('SNI'),
    });
  });

  it('skips without a certificate', async () => {
    expect(await judge('tls.hostname', { chain: [] })).toEqual({
      status: 'skip',
      detail: 'the server sent no certificate',
    });
  });
});

describe('tls.trusted', () => {
  const objection = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
  const incomplete = async () => ({ chain: [await leaf()], objection });

  it('passes without an objection, and leaves dates to tls.expiry', async () => {
    const chain = [await leaf(), certificate(authority.intermediate)];
    const issued = { status: 'pass', detail: 'issued by "one intermediate"' };
    expect(await judge('tls.trusted', { chain })).toEqual(issued);
    for (const dated of ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']) {
      expect(await judge('tls.trusted', { chain, objection: dated })).toEqual(issued);
    }
    expect(await judge('tls.trusted', { chain: [] })).toEqual({ status: 'pass', detail: 'issued by ""' });
  });

  it('fails for any other objection to a chain that leads to a root', async () => {
    const chain = [await leaf(), certificate(authority.intermediate)];
    for (const other of ['INVALID_PURPOSE', 'XCERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED_X']) {
      expect(await judge('tls.trusted', { chain, objection: other })).toMatchObject({
        status: 'fail',
        detail: `the certificate chain is rejected ("${other}")`,
        hint: 'Have the certificate issued again by a public authority.',
      });
    }
  });

  it('fails without a certificate', async () => {
    expect(await judge('tls.trusted', { chain: [], objection })).toEqual({
      status: 'fail',
      detail: 'the server sent no certificate',
      hint: 'Configure a certificate on the server.',
    });
  });

  it('names a certificate that is self-signed', async () => {
    const chain = [await leaf({ signedBy: 'itself' })];
    expect(await judge('tls.trusted', { chain, objection })).toMatchObject({
      status: 'fail',
      detail: 'the certificate is self-signed',
      hint: expect.stringContaining('public authority'),
    });
  });

  it('names a private authority whose root is sent', async () => {
    const chain = [await leaf({ signedBy: 'root' }), certificate(authority.root)];
    expect(await judge('tls.trusted', { chain, objection }, { roots: [] })).toMatchObject({
      status: 'fail',
      detail: 'the certificate comes from a private authority, "one root"',
      hint: expect.stringMatching(/^Install one from a public authority on the host that Slack calls/),
    });
  });

  it('names an issuer that is neither sent nor trusted', async () => {
    expect(await judge('tls.trusted', await incomplete())).toMatchObject({
      status: 'fail',
      detail:
        'the certificate comes from a private authority, or an intermediate one is missing: the issuer "one intermediate" is neither sent nor a public root',
      hint: expect.stringMatching(/public authority, with its full chain \(fullchain\.pem\)/),
    });
  });

  it('suspects no missing intermediate of a server that sends more than its own certificate', async () => {
    const chain = [await leaf({ issuerUrl: 'http://ca.example.com/one.crt' }), await leaf()];
    expect((await judge('tls.trusted', { chain, objection })).detail).toMatch(
      /^the certificate comes from a private authority, or an intermediate one is missing/,
    );
  });

  it('suspects a missing intermediate if the certificate says where its issuer is', async () => {
    const chain = [await leaf({ issuerUrl: 'http://ca.example.com/one.crt' })];
    expect(await judge('tls.trusted', { chain, objection })).toMatchObject({
      status: 'fail',
      detail:
        'an intermediate certificate is missing: the server does not send that of "one intermediate"; or the certificate comes from a private authority',
      hint: expect.stringContaining('fullchain.pem'),
    });
  });

  it('suspects the root that was given too', async () => {
    expect(await judge('tls.trusted', await incomplete(), { roots: [], extraRoots: 1 })).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(
        /^an intermediate certificate is missing, or --ca holds another authority's root/,
      ),
      hint: expect.stringMatching(/fullchain\.pem.* or give the root of the authority that issued/),
    });
  });
});

describe('tls.expiry', () => {
  const dateOf = (text: string) => new Date(text).toISOString().slice(0, 10);

  it.each([
    [15 * day, 'pass', '15 days'],
    [14 * day, 'pass', '14 days'],
    [14 * day - 1_000, 'warn', '13 days'],
    [2 * day - 1_000, 'warn', '1 day'],
    [1_000, 'warn', '0 days'],
  ])('%d ms before the end: %s', async (left, status, days) => {
    const chain = [await leaf()];
    const [{ validTo } = { validTo: '' }] = chain;
    expect(await judge('tls.expiry', { chain }, { now: Date.parse(validTo) - left })).toEqual({
      status,
      detail: `the certificate is valid until ${dateOf(validTo)}, ${days}`,
      ...(status === 'warn' && { hint: 'Renew it, and find out why it was not renewed automatically.' }),
    });
  });

  it.each([0, 3_600_000])('fails %d ms after the end', async (since) => {
    const chain = [await leaf()];
    const [{ validTo } = { validTo: '' }] = chain;
    expect(await judge('tls.expiry', { chain }, { now: Date.parse(validTo) + since })).toMatchObject({
      status: 'fail',
      detail: `the certificate expired on ${dateOf(validTo)}`,
      hint: expect.stringContaining('Renew it'),
    });
  });

  it('fails before the beginning', async () => {
    const chain = [await leaf()];
    const [{ validFrom } = { validFrom: '' }] = chain;
    const begin = Date.parse(validFrom);
    expect(await judge('tls.expiry', { chain }, { now: begin - 1 })).toMatchObject({
      status: 'fail',
      detail: `the certificate is not valid before ${dateOf(validFrom)}`,
      hint: 'Check the clock of this machine, or install a certificate that is valid today.',
    });
    expect(await judge('tls.expiry', { chain }, { now: begin })).toMatchObject({ status: 'pass' });
  });

  it('names an intermediate certificate that ends first', async () => {
    const { fullChain } = await authority.issue({ names: [host], signedBy: 'expired-intermediate' });
    const chain = fullChain
      .split(/(?<=-----END CERTIFICATE-----)\s+/)
      .filter((pem) => pem.trim() !== '')
      .map(certificate);
    expect(chain).toHaveLength(2);
    expect(await judge('tls.expiry', { chain })).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/^the intermediate certificate "one intermediate" expired on /),
    });
    // Without a way to a root, what was sent along may not matter.
    expect(await judge('tls.expiry', { chain }, { roots: [] })).toMatchObject({ status: 'pass' });
  });

  it('skips without a certificate', async () => {
    expect(await judge('tls.expiry', { chain: [] })).toEqual({
      status: 'skip',
      detail: 'the server sent no certificate',
    });
  });
});
