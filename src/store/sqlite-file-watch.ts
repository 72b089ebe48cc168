import { statSync } from 'node:fs';
import { sqliteCode } from './sqlite-failure.ts';

/** Whether the file of a store can be written to without losing what is written. */
export interface FileWatch {
  /** @throws Error if the file is no longer the one that is open, or if it is corrupt */
  check(): void;
  /** Remembers an error that means that the file is corrupt. */
  note(error: unknown): void;
}

/**
 * Finds out whether the store's file was deleted or replaced, before SQLite says only that it is read-only. A file that
 * was once found corrupt is not written to any more.
 */
export function watchFile(file: string): FileWatch {
  const opened = statSync(file, { bigint: true });
  let corruption: unknown;
  return {
    check() {
      if (corruption !== undefined) throw corruption;
      // Not the promise: it takes ten times as long, before each transaction.
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      if (found?.ino === opened.ino && found.dev === opened.dev) return;
      throw new Error(`${file} was ${found ? 'replaced' : 'deleted'} while it was open: restart serve`);
    },
    note(error) {
      if (/^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error))) corruption ??= error;
    },
  };
}
