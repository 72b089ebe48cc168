import { UserError } from '../user-error.ts';

/** What the system's codes mean to the person who named the file; the second where it was to be written. */
const reasons: Readonly<Record<string, string | readonly [reading: string, writing: string]>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: ['there is no such file', 'its folder does not exist'],
  ENOTDIR: 'its folder is a file',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links lead in a circle',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would become too large',
  EPIPE: 'its reader has gone away',
};

/** Why a file could not be used, as it follows a colon. */
export function fileReason(cause: unknown, use: 'reading' | 'writing'): string {
  if (!(cause instanceof Error)) return String(cause);
  // A failure that was told already has the system's as its cause.
  if (cause instanceof UserError && cause.cause !== undefined) return fileReason(cause.cause, use);
  const code = 'code' in cause ? String(cause.code) : undefined;
  if (code === undefined || cause instanceof UserError) return cause.message;
  const reason = reasons[code] ?? code;
  return typeof reason === 'string' ? reason : reason[use === 'reading' ? 0 : 1];
}

/**
 * A file that could not be read.
 *
 * @param file how the message names it
 * @param code what it is to scripts
 */
export function fileUnreadable(file: string, cause: unknown, code = 'file-unreadable'): UserError {
  return new UserError(code, `${file} cannot be read: ${fileReason(cause, 'reading')}`, {
    hint: 'Check its name and its permissions.',
    exitCode: 2,
    cause,
  });
}

/**
 * A file that could not be written.
 *
 * @param file how the message names it
 */
export function fileNotWritten(
  file: string,
  cause: unknown,
  hint = 'Check that its folder is there and that you may write in it, then try again.',
): UserError {
  return new UserError('file-not-written', `${file} cannot be written: ${fileReason(cause, 'writing')}`, {
    hint,
    exitCode: 3,
    cause,
  });
}

/** A file that is not to be overwritten unasked. */
export function fileExists(file: string): UserError {
  return new UserError('file-exists', `${file} exists and holds something else`, {
    hint: 'Pass --force to overwrite it, or name another file.',
    exitCode: 2,
  });
}
