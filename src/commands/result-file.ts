import { readFile, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileNotWritten } from '../file-error.ts';
import type { Context } from '../terminal/context.ts';
import { UserError } from '../user-error.ts';

export interface ResultFile {
  readonly file: string;
  /** Whether other content may be overwritten. */
  readonly force: boolean;
}

/**
 * Writes a result to the file given with `--out`, or to stdout where none was, or `-`.
 *
 * @throws UserError `file-exists` where the file holds something else, `file-not-written` where it cannot be written
 */
export async function writeResult(
  content: string,
  target: ResultFile | undefined,
  context: Context,
): Promise<void> {
  if (!target || goesToStdout(target.file)) {
    context.terminal.result(content);
    return;
  }
  const { file, force } = target;
  const path = resolve(context.cwd, file);
  if (await isPassage(path)) {
    await writeFile(path, content).catch((cause: unknown) => {
      throw fileNotWritten(file, cause);
    });
    return;
  }
  const existing = await readExisting(path, file);
  if (existing === content) {
    context.terminal.note(`${file} is up to date`);
    return;
  }
  if (existing !== undefined && !force) {
    throw exists(file);
  }
  const { writeAtomically } = await import('../atomic-file.ts');
  await writeAtomically(path, content);
  context.terminal.note(`wrote ${file}`);
}

/** Whether `--out` means stdout. The longer name cannot be opened where it is a socket. */
export function goesToStdout(file: string): boolean {
  return ['-', '/dev/stdout'].includes(file);
}

/**
 * Refuses a file that must not be overwritten, before the work whose result would be lost.
 *
 * @throws UserError `file-exists`
 */
export async function requireFree({ file, force }: ResultFile, { cwd }: Context): Promise<void> {
  const path = resolve(cwd, file);
  if (force || goesToStdout(file) || (await isPassage(path))) return;
  if ((await readExisting(path, file)) !== undefined) throw exists(file);
}

/** A pipe, a terminal, /dev/null: there is nothing to read in it and nothing to lose. */
async function isPassage(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

async function readExisting(path: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fileNotWritten(file, cause);
  }
}

function exists(file: string): UserError {
  return new UserError('file-exists', `${file} exists and holds something else`, {
    hint: 'Pass --force to overwrite it, or name another file.',
    exitCode: 2,
  });
}
