import type { X509Certificate } from 'node:crypto';
import { findAnchor, nameOf, namesItsIssuer } from '../../net/certificate-chain.ts';
import { isHandshakeFailure } from '../../net/connection-failure.ts';
import type { CheckId } from '../catalogue/catalogue.ts';
import { type Check, type Finding, fail, pass, skip, warn } from '../check.ts';
import { onEachAddress } from '../probe/each-address.ts';
import type { Handshake } from '../probe/handshake.ts';
import { quote } from '../quote.ts';
import type { Subject } from '../subject.ts';
import { noAnswer } from './no-answer.ts';

const tls = {
  needs: ['dns.resolves', 'dns.public'],
  network: true,
  connectionReportRank: 1,
} as const;
const day = 24 * 60 * 60 * 1000;
const warnDays = 14;

type Connected = Extract<Handshake, { connected: true }>;

export const tlsChecks: readonly Check[] = [
  {
    ...tls,
    id: 'tls.trusted',
    run: (subject) =>
      onEachCertificate('tls.trusted', subject, (handshake) => judgeTrust(handshake, subject)),
  },
  {
    ...tls,
    id: 'tls.hostname',
    run: (subject) =>
      onEachCertificate('tls.hostname', subject, ({ chain: [leaf] }) => {
        const host = subject.target.webhookDomain;
        if (!leaf) return skip('the server sent no certificate');
        if (leaf.checkHost(host) !== undefined) return pass(`the certificate covers ${host}`);
        return fail(
          `the certificate is for another host: it covers ${namesOf(leaf)}, not ${host}`,
          `Have a certificate issued for ${host}, or configure the server to choose it by SNI.`,
        );
      }),
  },
  {
    ...tls,
    id: 'tls.expiry',
    run: (subject) =>
      onEachCertificate('tls.expiry', subject, (handshake) =>
        judgeDates(pathOf(handshake, subject), subject.now()),
      ),
  },
  {
    ...tls,
    id: 'tls.version',
    connectionReportRank: 2,
    run: ({ network, target, connectionReporter }) =>
      onEachAddress(network, target.webhookDomain, async ({ handshake }) => {
        if (!handshake.connected) {
          const isOurs = isHandshakeFailure(handshake.failure) || connectionReporter === 'tls.version';
          return isOurs ? noAnswer(handshake.failure) : unseen;
        }
        const version = handshake.protocol.replace('TLSv', 'TLS ');
        if (version === 'TLS 1.2' || version === 'TLS 1.3') return pass(version);
        return fail(
          `the server speaks ${version} at most`,
          'Enable TLS 1.2 and 1.3 on the load balancer or proxy.',
        );
      }),
  },
];

function onEachCertificate(
  id: CheckId,
  { network, target, connectionReporter }: Subject,
  judge: (handshake: Connected) => Finding,
): Promise<Finding> {
  return onEachAddress(network, target.webhookDomain, async ({ handshake }) => {
    if (handshake.connected) return judge(handshake);
    return connectionReporter === id ? noAnswer(handshake.failure) : unseen;
  });
}

const unseen = skip('no TLS connection came about');

function judgeTrust({ chain, objection }: Connected, { network, extraRoots }: Subject): Finding {
  if (objection === undefined) return pass(`issued by ${issuerOf(chain)}`);
  const anchor = findAnchor(chain, network.roots());
  switch (anchor.kind) {
    case 'root':
      // Dates are judged by tls.expiry; what else OpenSSL minds is a matter of trust.
      if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(objection)) return pass(`issued by ${issuerOf(chain)}`);
      return fail(
        `the certificate chain is refused (${quote(objection)})`,
        'Have the certificate issued anew by a public authority.',
      );
    case 'no-certificate':
      return fail('the server sent no certificate', 'Configure a certificate on the server.');
    case 'self-signed':
      return fail(
        'the certificate is self-signed',
        'Install one from a public authority, such as Let’s Encrypt: Slack trusts no other.',
      );
    case 'private-root':
      return fail(
        `the certificate comes from a private authority, ${quote(anchor.name)}`,
        'Install one from a public authority on the host that Slack calls: Slack does not know yours.',
      );
    case 'incomplete': {
      const issuer = quote(anchor.issuer);
      if (extraRoots > 0) {
        return fail(
          `an intermediate certificate is missing, or --ca holds another authority's root: the issuer ${issuer} is neither sent nor trusted`,
          'Install the full chain (fullchain.pem), or give the root of the authority that issued the certificate.',
        );
      }
      // A public authority's marks, on a certificate that came alone; a large private authority's may have them too.
      if (chain.length === 1 && namesItsIssuer(anchor.last)) {
        return fail(
          `an intermediate certificate is missing: the server does not send the one of ${issuer}; or the certificate comes from a private authority`,
          'Install the full chain (fullchain.pem): browsers fetch what is missing, Slack does not. It takes no private authority at all.',
        );
      }
      return fail(
        `the certificate comes from a private authority, or an intermediate one is missing: the issuer ${issuer} is neither sent nor a public root`,
        'Install a certificate from a public authority, with its full chain (fullchain.pem).',
      );
    }
  }
}

function judgeDates(path: readonly X509Certificate[], now: number): Finding {
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
      'Renew it, and have the server load the new one.',
    );
  }
  const days = Math.floor(left / day);
  const until = `${which(first)} is valid until ${date(first.validTo)}, ${days} ${days === 1 ? 'day' : 'days'}`;
  if (left < warnDays * day) return warn(until, 'Renew it, and look at why it was not renewed by itself.');
  return pass(until);
}

/** The certificates that a client relies on: the way to the root where there is one, else the leaf. */
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
