import type { X509Certificate } from 'node:crypto';

/** Where a chain leads, dates and names aside. */
export type Anchor =
  /** `path` runs from the leaf up to the certificate that a root signed, or is; the root is not in it. */
  | { readonly kind: 'root'; readonly path: readonly X509Certificate[] }
  | { readonly kind: 'self-signed' }
  /** The server sent its own root, and that is none that Slack trusts. */
  | { readonly kind: 'private-root'; readonly name: string }
  /** A certificate on the way is not there: `issuer` signed the last one that was sent. */
  | { readonly kind: 'incomplete'; readonly issuer: string; readonly last: X509Certificate }
  | { readonly kind: 'no-certificate' };

/**
 * Follows a chain, as it was sent, from the leaf to a root.
 *
 * @param sent the leaf first
 * @param roots the certificates that are trusted
 */
export function findAnchor(sent: readonly X509Certificate[], roots: readonly X509Certificate[]): Anchor {
  const [leaf] = sent;
  if (!leaf) return { kind: 'no-certificate' };
  const path: X509Certificate[] = [];
  for (let certificate = leaf; ; ) {
    if (roots.some((root) => root.fingerprint256 === certificate.fingerprint256)) {
      return { kind: 'root', path: path.length === 0 ? [certificate] : path };
    }
    path.push(certificate);
    if (roots.some((root) => issued(root, certificate))) return { kind: 'root', path };
    if (isSelfSigned(certificate)) {
      return certificate === leaf
        ? { kind: 'self-signed' }
        : { kind: 'private-root', name: nameOf(certificate.subject) };
    }
    const issuer = sent.find((other) => !path.includes(other) && issued(other, certificate));
    if (!issuer) return { kind: 'incomplete', issuer: nameOf(certificate.issuer), last: certificate };
    certificate = issuer;
  }
}

/**
 * Whether the certificate says where its issuer's own can be fetched (RFC 5280, 4.2.2.1). Public authorities' say it;
 * those of a simple private one do not, those of a larger one may.
 */
export function namesItsIssuer(certificate: X509Certificate): boolean {
  return /CA Issuers - URI:http/.test(certificate.infoAccess ?? '');
}

/** The common name out of a distinguished name, or all of it. */
export function nameOf(distinguishedName: string): string {
  return /^CN=(.+)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.replaceAll('\n', ', ');
}

/** By name and key: one for a server is not allowed to issue any, itself included, and does so all the same. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
