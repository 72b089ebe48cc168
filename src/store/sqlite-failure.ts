import { open, stat } from 'node:fs/promises';

/** @returns the code of an error of SQLite or of the file system, such as `SQLITE_FULL`; empty if it has none */
export function sqliteCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** How every database file begins: https://sqlite.org/fileformat.html. */
const magic = Buffer.from('SQLite format 3\0');

/**
 * Rejects a file that is no database before its mode is judged: advice to change the mode of another file would be wrong.
 * A missing, empty or unreadable file passes.
 *
 * @throws the error that SQLite has for such a file
 */
export async function requireSqlite(file: string): Promise<void> {
  const status = await stat(file).catch(() => undefined);
  // A read from a pipe could block.
  if (!status?.isFile() || status.size === 0) return;
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    if (!buffer.subarray(0, bytesRead).equals(magic)) {
      throw Object.assign(new Error('file is not a database'), { code: 'SQLITE_NOTADB' });
    }
  } finally {
    await handle.close();
  }
}

interface Described {
  readonly message: string;
  readonly hint: string;
}

const anotherStore = 'or pass another --store';
const rights = {
  message: 'the file or its folder cannot be written to',
  hint: `Give the user of serve the right to write both, ${anotherStore}.`,
};
const full = { message: 'the disk is full', hint: `Free some space, ${anotherStore}.` };
const noFolder = {
  message: 'its folder cannot be created',
  hint: `Create the folder, ${anotherStore}.`,
};

/** By the beginning of the code: https://sqlite.org/rescode.html, and that of the operating system. */
const causes: readonly (readonly [RegExp, Described])[] = [
  [
    /^SQLITE_NOTADB/,
    { message: 'the file is not a SQLite database', hint: `Check the name of the file, ${anotherStore}.` },
  ],
  [/^SQLITE_CORRUPT/, { message: 'the database is corrupt', hint: `Restore a backup, ${anotherStore}.` }],
  [/^(SQLITE_(READONLY|CANTOPEN|PERM)|EACCES|EPERM|EROFS)/, rights],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, full],
  [/^(ENOENT|ENOTDIR|EEXIST)/, noFolder],
  [
    /^EISDIR/,
    { message: 'it is a folder', hint: 'Pass a file, such as sqlite:/var/lib/spacelift-slack/serve.db.' },
  ],
  [
    /^SQLITE_(BUSY|LOCKED)/,
    { message: 'another process has locked it', hint: 'Find out which process has the file open.' },
  ],
];

/**
 * Says why the file of a store cannot be opened.
 *
 * @param cause an error of SQLite or of the file system
 */
export function describeOpenFailure(cause: unknown): Described {
  const known = causes.find(([code]) => code.test(sqliteCode(cause)))?.[1];
  if (known) return known;
  return {
    message: cause instanceof Error ? cause.message : String(cause),
    hint: `Check that the file is a database of this program and that its folder is writable, ${anotherStore}.`,
  };
}
