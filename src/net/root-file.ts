import { X509Certificate } from 'node:crypto';
import { fileUnreadable } from '../files/file-error.ts';
import { type InputWait, readInput } from '../files/read-input.ts';
import { UserError } from '../user-error.ts';
import { isSelfSigned } from './certificate-chain.ts';

/**
 * Reads the root certificates of a PEM file. Others are ignored: if an intermediate certificate were trusted, a server
 * that does not send it would pass.
 *
 * @param name the file as the user named it
 * @returns each as PEM
 * @throws UserError `ca-unreadable`, or `ca-invalid` if the file holds no root certificate
 */
export async function readRoots(path: string, name: string, wait?: InputWait): Promise<string[]> {
  let text: string;
  try {
    text = (await readInput(path, `the file ${name} (--ca)`, wait)).toString();
  } catch (cause) {
    throw fileUnreadable(`--ca: ${name}`, cause, 'ca-unreadable');
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const roots = blocks.filter((block) => {
    try {
      return isSelfSigned(new X509Certificate(block));
    } catch (cause) {
      throw new UserError('ca-invalid', `--ca: ${name} holds a damaged certificate`, {
        hint: 'Pass a PEM file with the root certificate of the authority.',
        exitCode: 2,
        cause,
      });
    }
  });
  if (roots.length > 0) return roots;
  throw new UserError('ca-invalid', `--ca: ${name} holds no root certificate in PEM format`, {
    hint: 'Pass the root of the authority, not the certificate of the server or an intermediate one.',
    exitCode: 2,
  });
}
