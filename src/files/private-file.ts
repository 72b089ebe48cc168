import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../user-error.ts';

const groupBits = 0o070;
const otherBits = 0o007;
const setgidBit = 0o2000;

/**
 * Rejects a file with secrets that other users of the machine can access, as ssh does with its keys. Access of the
 * group is accepted only in a folder with the setgid bit, which Kubernetes sets for `fsGroup`. A missing file passes, and
 * so does a folder: whoever opens it as a file reports that, and a folder needs its x bit.
 *
 * @param what the file in the message, such as `the key file`
 * @throws UserError `file-mode-open`
 */
export async function requirePrivate(path: string, what: string): Promise<void> {
  if (process.platform === 'win32') return;
  const file = await stat(path).catch(() => undefined);
  if (!file || file.isDirectory()) return;
  const isShared = (file.mode & groupBits) !== 0 && ((await stat(dirname(path))).mode & setgidBit) === 0;
  if ((file.mode & otherBits) === 0 && !isShared) return;
  const mode = (file.mode & 0o777).toString(8).padStart(4, '0');
  throw new UserError('file-mode-open', `${what} ${path} can be accessed by other users (mode ${mode})`, {
    hint: `Run: chmod 600 ${path}`,
    exitCode: 2,
  });
}
