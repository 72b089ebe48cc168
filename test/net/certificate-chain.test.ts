import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { findAnchor } from '../../src/net/certificate-chain.ts';
import { type CertificateAuthority, createAuthority } from '../support/certificate-authority.ts';

let authority: CertificateAuthority;
/** Another authority whose certificates have the same names. */
let double: CertificateAuthority;

beforeAll(async () => {
  [authority, double] = await Promise.all([createAuthority('one'), createAuthority('one')]);
});

const certificate = (pem: string) => new X509Certificate(pem);

async function leafOf(issuer: CertificateAuthority, signedBy: 'root' | 'intermediate' | 'itself') {
  return certificate((await issuer.issue({ names: ['spacelift.example.com'], signedBy })).certificate);
}

it('follows a chain to a trusted root, with or without the root itself', async () => {
  const leaf = await leafOf(authority, 'intermediate');
  const [intermediate, root] = [certificate(authority.intermediate), certificate(authority.root)];
  for (const sent of [
    [leaf, intermediate],
    [leaf, intermediate, root],
  ]) {
    const anchor = findAnchor(sent, [root]);
    expect(anchor.kind).toBe('root');
    expect(anchor).toHaveProperty('path.length', 2);
  }
});

it('accepts no root and no intermediate of the right name with another key', async () => {
  const leaf = await leafOf(authority, 'root');
  expect(findAnchor([leaf], [certificate(double.root)])).toMatchObject({
    kind: 'incomplete',
    issuer: 'one root',
  });
  const behind = await leafOf(authority, 'intermediate');
  const sent = [behind, certificate(double.intermediate)];
  expect(findAnchor(sent, [certificate(authority.root), certificate(double.root)])).toMatchObject({
    kind: 'incomplete',
    issuer: 'one intermediate',
  });
});

it('tells a self-signed certificate, a private root and a missing intermediate apart', async () => {
  const trusted = [certificate(double.root)];
  expect(findAnchor([], trusted)).toEqual({ kind: 'no-certificate' });
  expect(findAnchor([await leafOf(authority, 'itself')], trusted)).toEqual({ kind: 'self-signed' });
  const leaf = await leafOf(authority, 'intermediate');
  const own = [leaf, certificate(authority.intermediate), certificate(authority.root)];
  expect(findAnchor(own, trusted)).toEqual({ kind: 'private-root', name: 'one root' });
  expect(findAnchor([leaf], trusted)).toMatchObject({ kind: 'incomplete', issuer: 'one intermediate' });
});
