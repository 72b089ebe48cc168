import type Database from 'libsql/promise';
import { UserError } from '../user-error.ts';

/**
 * Loads libsql, which is an optional dependency: there is no binary of SQLite for some platforms, and an installation
 * can leave it out.
 *
 * @throws UserError `sqlite-missing`
 */
export async function loadLibsql(): Promise<typeof Database> {
  try {
    return (await import('libsql/promise')).default;
  } catch (cause) {
    throw new UserError('sqlite-missing', 'SQLite is not installed, or does not run on this platform', {
      hint: 'Use PostgreSQL: --store postgres://USER@HOST/DATABASE. Or install again with npm install --include=optional, where libsql has a binary for the platform and npm reaches its registry (cafile in .npmrc for a private CA).',
      exitCode: 3,
      cause,
    });
  }
}
