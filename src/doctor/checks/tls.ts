import type { X509Certificate } from 'node:crypto';
import { findAnchor, nameOf, namesItsIssuer } from '../../net/certificate-chain.ts';
import { isHandshakeFailure } from '../../net/connection-failure.ts';
import type { CheckId } from '../catalogue/catalogue.ts';
import { type Check, type CheckResult, fail, pass, skip, warn } from '../check.ts';
import { quote } from '../quote.ts';
import type { Subject } from '../subject.ts';
import { type Connected, onEachAddress } from './each-address.ts';
import { failedConnection } from './failed-connection.ts';

const day = 24 * 60 * 60 * 1000;
const warnDays = 14;

export const tlsChecks: readonly Check[] = [
  handshakeCheck('tls.trusted', judgeTrust),
  handshakeCheck('tls.hostname', judgeHostname),
  handshakeCheck('tls.expiry', (handshake, subject) => judgeDates(pathOf(handshake, subject), subject.now())),
  {
    ...handshakeCheck('tls.version', judgeVersion),
    connectionReportRank: 2,
    run: (subject) =>
      onEachAddress(subject, {
        id: 'tls.version',
        host: subject.target.webhookDomain,
        check: async (_, handshake) => judgeVersion(handshake),
        // A failed TLS handshake is reported here, also if another check reports failed connections.
        onFailure: (failure) => (isHandshakeFailure(failure) ? failedConnection(failure) : undefined),
      }),
  },
];

function handshakeCheck(id: CheckId, judge: (handshake: Connected, subject: Subject) => CheckResult): Check {
  return {
    id,
    needs: ['dns.resolves', 'dns.public'],
    network: true,
    connectionReportRank: 1,
    run: (subject) =>
      onEachAddress(subject, {
        id,
        host: subject.target.webhookDomain,
        check: async (_, handshake) => judge(handshake, subject),
      }),
  };
}

function judgeVersion({ protocol }: Connected): CheckResult {
  const version = protocol.replace('TLSv', 'TLS ');
  if (version === 'TLS 1.2' || version === 'TLS 1.3') return pass(version);
  return fail(
    `the server speaks ${version} at most`,
    'Enable TLS 1.2 and 1.3 on the load balancer or proxy.',
  );
}

function judgeHostname(
  { chain: [leaf] }: Connected,
  { target: { webhookDomain: host } }: Subject,
): CheckResult {
  if (!leaf) return skip('the server sent no certificate');
  if (leaf.checkHost(host) !== undefined) return pass(`the certificate covers ${host}`);
  return fail(
    `the certificate is for another host: it covers ${namesOf(leaf)}, not ${host}`,
    `Have a certificate issued for ${host}, or configure the server to select it by SNI.`,
  );
}

function judgeTrust({ chain, objection }: Connected, { network, extraRoots }: Subject): CheckResult {
  if (objection === undefined) return pass(`issued by ${issuerOf(chain)}`);
  const anchor = findAnchor(chain, network.roots());
  switch (anchor.kind) {
    case 'root':
      // tls.expiry judges dates; what else OpenSSL objects to is a matter of trust.
      if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(objection)) return pass(`issued by ${issuerOf(chain)}`);
      return fail(
        `the certificate chain is rejected (${quote(objection)})`,
        'Have the certificate issued again by a public authority.',
      );
    case 'no-certificate':
      return fail('the server sent no certificate', 'Configure a certificate on the server.');
    case 'self-signed':
      return fail(
        'the certificate is self-signed',
        "Install one from a public authority, such as Let's Encrypt: Slack trusts no other.",
      );
    case 'private-root':
      return fail(
        `the certificate comes from a private authority, ${quote(anchor.name)}`,
        'Install one from a public authority on the host that Slack calls: Slack does not know yours.',
      );
    case 'incomplete':
      return judgeIncomplete(chain, anchor, extraRoots);
  }
}

function judgeIncomplete(
  chain: readonly X509Certificate[],
  anchor: { readonly issuer: string; readonly last: X509Certificate },
  extraRoots: number,
): CheckResult {
  const issuer = quote(anchor.issuer);
  if (extraRoots > 0) {
    return fail(
      `an intermediate certificate is missing, or --ca holds another authority's root: the issuer ${issuer} is neither sent nor trusted`,
      'Install the full chain (fullchain.pem), or give the root of the authority that issued the certificate.',
    );
  }
  // A public authority's marks, on a certificate that came alone; a large private authority may set them too.
  if (chain.length === 1 && namesItsIssuer(anchor.last)) {
    return fail(
      `an intermediate certificate is missing: the server does not send that of ${issuer}; or the certificate comes from a private authority`,
      'Install the full chain (fullchain.pem): browsers fetch what is missing, Slack does not. It trusts no private authority at all.',
    );
  }
  return fail(
    `the certificate comes from a private authority, or an intermediate one is missing: the issuer ${issuer} is neither sent nor a public root`,
    'Install a certificate from a public authority, with its full chain (fullchain.pem).',
  );
}

function judgeDates(path: readonly X509Certificate[], now: number): CheckResult {
  const [first] = path.toSorted((a, b) => Date.parse(a.validTo) - Date.parse(b.validTo));
  if (!first) return skip('the server sent no certificate');
  const which = (certificate: X509Certificate) =>
    certificate === path[0]
      ? 'the certificate'
      : `the intermediate certificate ${quote(nameOf(certificate.subject))}`;
  const early = path.find((certificate) => Date.parse(certificate.validFrom) > now);
  if (early) {
    return fail(
      `${which(early)} is not valid before ${date(early.validFrom)}`,
      'Check the clock of this machine, or install a certificate that is valid today.',
    );
  }
  const left = Date.parse(first.validTo) - now;
  if (left <= 0) {
    return fail(
      `${which(first)} expired on ${date(first.validTo)}`,
      'Renew it, and reload the server with the new one.',
    );
  }
  const days = Math.floor(left / day);
  const until = `${which(first)} is valid until ${date(first.validTo)}, ${days} ${days === 1 ? 'day' : 'days'}`;
  if (left < warnDays * day)
    return warn(until, 'Renew it, and find out why it was not renewed automatically.');
  return pass(until);
}

/** The certificates that a client relies on: the path to the root if there is one, else the leaf. */
function pathOf({ chain }: Connected, { network }: Subject): readonly X509Certificate[] {
  const anchor = findAnchor(chain, network.roots());
  return anchor.kind === 'root' ? anchor.path : chain.slice(0, 1);
}

function issuerOf([leaf]: readonly X509Certificate[]): string {
  return quote(leaf ? nameOf(leaf.issuer) : '');
}

function namesOf(leaf: X509Certificate): string {
  const names = (leaf.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'));
  if (names.length === 0) return `no DNS name (its subject is ${quote(nameOf(leaf.subject))})`;
  const shown = names.slice(0, 5).map((name) => quote(name.slice('DNS:'.length)));
  return shown.join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
}

function date(text: string): string {
  return new Date(text).toISOString().slice(0, 10);
}
