import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createThrowawayCertificate } from '../../../src/doctor/probe/throwaway-certificate.ts';

it('makes a certificate that is valid now, is signed with its own key and names nobody', () => {
  const now = Date.parse('2026-03-04T05:06:07.890Z');
  const { key, cert } = createThrowawayCertificate(now);
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.subject).toBe('CN=doctor');
  expect(certificate.issuer).toBe('CN=doctor');
  expect(Date.parse(certificate.validFrom)).toBe(Date.parse('2026-03-03T05:06:07Z'));
  expect(Date.parse(certificate.validTo)).toBe(Date.parse('2026-03-05T05:06:07Z'));
});

it('makes another one each time', () => {
  const [first, second] = [createThrowawayCertificate(0), createThrowawayCertificate(0)];
  expect(first.cert).not.toBe(second.cert);
  expect(new X509Certificate(first.cert).serialNumber).not.toBe(
    new X509Certificate(second.cert).serialNumber,
  );
});
