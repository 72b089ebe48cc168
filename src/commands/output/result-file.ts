import fs, { constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import type { Readers } from '../../environment/secret-file.ts';
import { fileExists, fileNotWritten } from '../../files/file-error.ts';
import { UserError } from '../../user-error.ts';

export interface ResultFile {
  readonly file: string;
  /** Whether a file with other content may be overwritten. */
  readonly force: boolean;
}

/**
 * The target of a result, from `--out` and `--force`; undefined for stdout.
 *
 * @throws UserError `usage-conflicting-option` if `--force` would have no effect
 */
export function resultTarget(flags: {
  readonly out?: string | undefined;
  readonly force?: boolean | undefined;
}): ResultFile | undefined {
  const { out, force = false } = flags;
  const file = out === undefined || goesToStdout(out) ? undefined : out;
  if (file !== undefined) return { file, force };
  if (!force) return undefined;
  throw new UserError('usage-conflicting-option', '--force requires --out FILE', {
    hint: 'Pass --out FILE too, or leave --force out.',
    exitCode: 2,
  });
}

/** Whether `--out` means stdout: /dev/stdout cannot be opened if it is a socket. */
export function goesToStdout(file: string): boolean {
  return ['-', '/dev/stdout'].includes(file);
}

/**
 * Writes a result to its file, or to stdout.
 *
 * @param how `readers`: who may read the file; `wraps`: whether it is text for people, which is wrapped to a screen
 * @throws UserError `file-exists` if the file has other content, `file-not-written` if it cannot be written
 */
export async function writeResult(
  content: string,
  target: ResultFile | undefined,
  context: Context,
  { readers = 'everybody', wraps = false }: { readonly readers?: Readers; readonly wraps?: boolean } = {},
): Promise<void> {
  if (!target) {
    if (wraps) context.terminal.report(content);
    else context.terminal.result(content);
    return;
  }
  const { file: name, force } = target;
  const path = resolve(context.cwd, name);
  if (await isPipeOrDevice(path)) {
    await fs.promises.writeFile(path, content).catch((cause: unknown) => {
      throw fileNotWritten(name, cause);
    });
    return;
  }
  if (readers === 'owner') {
    const [{ storeRendered }, { reportSecretFile }] = await Promise.all([
      import('../../environment/secret-file.ts'),
      import('./secret-file-report.ts'),
    ]);
    const outcome = await storeRendered({ path, name }, content, { readers, force });
    await reportSecretFile({ path, name }, outcome, true, context);
    return;
  }
  const existing = await readExisting(path, name);
  if (existing === content) {
    context.terminal.note(`${name} is up to date`);
    return;
  }
  if (existing !== undefined && !force) throw fileExists(name);
  const { writeAtomically } = await import('../../files/atomic-file.ts');
  await writeAtomically(path, content);
  context.terminal.note(`wrote ${name}`);
}

/**
 * Rejects a file that cannot be written or must not be overwritten, before any work is done.
 *
 * @throws UserError as {@link writeResult}
 */
export async function requireFree({ file, force }: ResultFile, { cwd }: Context): Promise<void> {
  const path = resolve(cwd, file);
  if (await isPipeOrDevice(path)) return;
  if ((await readExisting(path, file)) !== undefined && !force) throw fileExists(file);
  const { followLinks } = await import('../../files/atomic-file.ts');
  await followLinks(path)
    .then((target) => fs.promises.access(dirname(target), constants.W_OK))
    .catch((cause: unknown) => {
      throw fileNotWritten(file, cause);
    });
}

/** Whether this is a pipe, a terminal or the like, which has no content to lose. */
async function isPipeOrDevice(path: string): Promise<boolean> {
  const status = await fs.promises.stat(path).catch(() => undefined);
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

async function readExisting(path: string, file: string): Promise<string | undefined> {
  try {
    return await fs.promises.readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fileNotWritten(file, cause);
  }
}
