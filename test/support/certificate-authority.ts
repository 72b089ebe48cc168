import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 60 * 60 * 1000;

interface LeafOptions {
  /** The DNS names; the first is the subject. */
  readonly names: readonly string[];
  /** Days from now; negative for the past. */
  readonly from?: number;
  readonly until?: number;
  /** Where the issuer's certificate can be fetched (Authority Information Access). */
  readonly issuerUrl?: string;
  /** Who presents it; by default a server. */
  readonly holder?: 'server' | 'client';
  readonly signedBy?: 'root' | 'intermediate' | 'expired-intermediate' | 'itself';
}

/** A certificate with its key, as PEM. */
export interface Identity {
  readonly key: string;
  /** Only the certificate itself. */
  readonly certificate: string;
  /** The certificate, followed by the intermediate. */
  readonly fullChain: string;
}

export interface CertificateAuthority {
  /** The root certificate, as PEM. */
  readonly root: string;
  readonly intermediate: string;
  issue(options: LeafOptions): Promise<Identity>;
}

/** A private certificate authority: a root, and an intermediate that signs. */
export async function createAuthority(name = 'spacelift-slack test'): Promise<CertificateAuthority> {
  const rootKeys = await generateKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name} root`,
    notBefore: new Date(Date.now() - 400 * day),
    notAfter: new Date(Date.now() + 400 * day),
    keys: rootKeys,
    signingAlgorithm: algorithm,
    extensions: authorityExtensions(),
  });
  const intermediateKeys = await generateKeys();
  const issueIntermediate = (until: number) =>
    x509.X509CertificateGenerator.create({
      subject: `CN=${name} intermediate`,
      issuer: root.subject,
      notBefore: new Date(Date.now() - 300 * day),
      notAfter: new Date(Date.now() + until * day),
      publicKey: intermediateKeys.publicKey,
      signingKey: rootKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: authorityExtensions(),
    });
  const intermediate = await issueIntermediate(300);

  return {
    root: root.toString('pem'),
    intermediate: intermediate.toString('pem'),
    async issue({ names, from = -1, until = 90, issuerUrl, holder = 'server', signedBy = 'intermediate' }) {
      const keys = await generateKeys();
      const subject = `CN=${names[0] ?? ''}`;
      const issuer = {
        root: { subject: root.subject, key: rootKeys.privateKey },
        intermediate: { subject: intermediate.subject, key: intermediateKeys.privateKey },
        'expired-intermediate': { subject: intermediate.subject, key: intermediateKeys.privateKey },
        itself: { subject, key: keys.privateKey },
      }[signedBy];
      const certificate = await x509.X509CertificateGenerator.create({
        subject,
        issuer: issuer.subject,
        notBefore: new Date(Date.now() + from * day),
        notAfter: new Date(Date.now() + until * day),
        publicKey: keys.publicKey,
        signingKey: issuer.key,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[`${holder}Auth`]]),
          ...(issuerUrl === undefined
            ? []
            : [new x509.AuthorityInfoAccessExtension({ caIssuers: issuerUrl })]),
        ],
      });
      const pem = certificate.toString('pem');
      const behind = {
        root: '',
        intermediate: intermediate.toString('pem'),
        'expired-intermediate':
          signedBy === 'expired-intermediate' ? (await issueIntermediate(-2)).toString('pem') : '',
        itself: '',
      }[signedBy];
      return { key: await exportKey(keys.privateKey), certificate: pem, fullChain: `${pem}\n${behind}` };
    },
  };
}

function authorityExtensions(): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ];
}

function generateKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const body = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${body.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}
