import type { X509Certificate } from 'node:crypto';

/** Where a certificate chain ends. Dates and names are not checked. */
export type Anchor =
  /** A trusted root. `path` is the leaf and the intermediate certificates up to that root, without it. */
  | { readonly kind: 'root'; readonly path: readonly X509Certificate[] }
  | { readonly kind: 'self-signed' }
  /** The server sent its own root, and Slack does not trust that one. */
  | { readonly kind: 'private-root'; readonly name: string }
  /** A certificate is missing: that of `issuer`, which signed the last one that was sent. */
  | { readonly kind: 'incomplete'; readonly issuer: string; readonly last: X509Certificate }
  | { readonly kind: 'no-certificate' };

/**
 * Follows a chain, as sent by the server, from the leaf to a root.
 *
 * @param sent the certificates of the server, leaf first
 * @param roots the trusted root certificates
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
 * Whether a certificate gives a URL for its issuer's certificate (RFC 5280, 4.2.2.1). Those of public authorities do;
 * those of small private authorities do not, those of large ones may.
 */
export function namesItsIssuer(certificate: X509Certificate): boolean {
  return /CA Issuers - URI:http/.test(certificate.infoAccess ?? '');
}

/** The common name in a distinguished name; without one, the whole name. */
export function nameOf(distinguishedName: string): string {
  return /^CN=(.+)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.replaceAll('\n', ', ');
}

/** Compares name and key: `checkIssued` rejects a self-signed server certificate, which may not issue any. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
