import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A private key and its certificate, as PEM. */
export interface ClientCertificate {
  readonly key: string;
  readonly cert: string;
}

const day = 24 * 60 * 60 * 1000;

/**
 * Makes a key with a self-signed certificate that no server can know, to show what a server does with the client
 * certificate of a stranger. It is the smallest certificate that RFC 5280 describes: version 1, without extensions.
 *
 * @param now the clock, in milliseconds since the epoch
 */
export function createThrowawayCertificate(now: number): ClientCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid(commonName), element(utf8String, Buffer.from('doctor')))));
  const signed = sequence(
    element(integer, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(time(now - day), time(now + day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = element(bitString, Buffer.concat([Buffer.of(0), sign('sha256', signed, privateKey)]));
  const certificate = sequence(signed, ecdsaWithSha256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

// DER (ITU-T X.690): the tags that a certificate needs.
const integer = 0x02;
const bitString = 0x03;
const objectIdentifier = 0x06;
const utf8String = 0x0c;
const utcTime = 0x17;

/** 2.5.4.3 */
const commonName = Buffer.of(0x55, 0x04, 0x03);
/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = sequence(oid(Buffer.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)));

function element(tag: number, content: Buffer): Buffer {
  const size = content.length;
  // Nothing here is longer than 65,535 bytes.
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, Math.floor(size / 256), size % 256];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

function sequence(...elements: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(elements));
}

function set(...elements: readonly Buffer[]): Buffer {
  return element(0x31, Buffer.concat(elements));
}

function oid(encoded: Buffer): Buffer {
  return element(objectIdentifier, encoded);
}

/** `YYMMDDhhmmssZ` */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, '').slice(2, 14);
  return element(utcTime, Buffer.from(`${digits}Z`));
}
