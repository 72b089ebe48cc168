import { UserError } from '../user-error.ts';

/** The meaning of the system's error codes, for reading and for writing if they differ. */
const reasons: Readonly<Record<string, string | readonly [reading: string, writing: string]>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: ['there is no such file', 'its folder does not exist'],
  ENOTDIR: 'its folder is a file',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would become too large',
  EPIPE: 'its reader has closed it',
};

/** Why a file could not be used, as a clause that follows a colon. */
export function fileReason(cause: unknown, use: 'reading' | 'writing'): string {
  if (!(cause instanceof Error)) return String(cause);
  // A UserError of this program has the system's error as its cause.
  if (cause instanceof UserError && cause.cause !== undefined) return fileReason(cause.cause, use);
  const code = 'code' in cause ? String(cause.code) : undefined;
  if (code === undefined || cause instanceof UserError) return cause.message;
  const reason = reasons[code] ?? code;
  return typeof reason === 'string' ? reason : reason[use === 'reading' ? 0 : 1];
}

/** Whether a read has failed because the command was interrupted. */
export function isInterruption(cause: unknown): cause is Error {
  return cause instanceof Error && cause.name === 'AbortError';
}

/**
 * A file that could not be read.
 *
 * @param file the name for the message
 * @param code the error code
 * @returns the cause itself if the read was interrupted: the file may be readable
 */
export function fileUnreadable(file: string, cause: unknown, code = 'file-unreadable'): Error {
  if (isInterruption(cause)) return cause;
  return new UserError(code, `${file} cannot be read: ${fileReason(cause, 'reading')}`, {
    hint: 'Check its name and its permissions.',
    exitCode: 2,
    cause,
  });
}

/**
 * A file that could not be written.
 *
 * @param file the name for the message
 */
export function fileNotWritten(file: string, cause: unknown, hint = notWrittenHint(cause)): UserError {
  return new UserError('file-not-written', `${file} cannot be written: ${fileReason(cause, 'writing')}`, {
    hint,
    exitCode: 3,
    cause,
  });
}

/** What to do if the file to write is a folder or a device. */
export const notRegularHint = 'Name a regular file.';

function notWrittenHint(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EISDIR') return notRegularHint;
  return 'Check that its folder exists and that you may write to it, then retry.';
}

/** A file that must not be overwritten without `--force`. */
export function fileExists(file: string): UserError {
  return new UserError('file-exists', `${file} already exists with other content`, {
    hint: 'Pass --force to overwrite it, or name another file.',
    exitCode: 2,
  });
}
