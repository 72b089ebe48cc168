import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, readdir, readlink, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileNotWritten, notRegularHint } from './file-error.ts';
import { LockHeld, lockFile } from './file-lock.ts';

export interface ExistingFile {
  readonly content: Buffer;
  /** The permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface Replacement {
  readonly content: string | Uint8Array;
  /** If absent, an existing file keeps its permissions, and a new one gets those of the umask. */
  readonly mode: number | undefined;
  /** Checks what was written before it replaces the old file; if it throws, the old file stays. */
  readonly verify?: (written: Buffer) => void;
}

/**
 * Replaces the content of a file in one step: writes a file beside it, flushes it to disk and renames it. A crash at any
 * point leaves the old or the new content. A symbolic link is followed, not replaced.
 *
 * @param mode the permissions of the new file; if absent, as in {@link Replacement}
 * @throws UserError `file-not-written`
 */
export async function writeAtomically(file: string, content: string, mode?: number): Promise<void> {
  try {
    const target = await followLinks(file);
    await replace(target, { content, mode }, await readExisting(target), async () => true);
  } catch (error) {
    throw isSystemError(error) ? fileNotWritten(file, error) : error;
  }
}

/** An update takes milliseconds; the lock of a killed process is taken over after seconds. */
const lockWaitMs = 15_000;

/**
 * Derives a file's new content from its old content and replaces it like {@link writeAtomically}. Other processes that
 * update the same file wait. If something else, such as an editor, changed the file meanwhile, the update is repeated
 * with the changed content.
 *
 * @param update returns undefined to leave the file unchanged; it may be called more than once
 * @throws UserError `file-not-written`, and what `update` and `verify` throw
 */
export async function updateAtomically(
  file: string,
  update: (existing: ExistingFile | undefined) => Replacement | undefined,
): Promise<void> {
  try {
    const target = await followLinks(file);
    const unlock = await lockFile(target, { waitMs: lockWaitMs });
    try {
      await removeLeftovers(target);
      await updateLocked(target, update);
    } finally {
      await unlock();
    }
  } catch (error) {
    throw isSystemError(error) || error instanceof LockHeld ? fileNotWritten(file, error) : error;
  }
}

async function updateLocked(
  target: string,
  update: Parameters<typeof updateAtomically>[1],
  attempts = 20,
): Promise<void> {
  const existing = await readExisting(target);
  const replacement = update(existing);
  if (!replacement) return;
  const isUnchanged = async () => isSame(existing, await readExisting(target));
  if (await replace(target, replacement, existing, isUnchanged)) return;
  if (attempts === 1) throw fileNotWritten(target, new Error('something else keeps changing it'));
  await updateLocked(target, update, attempts - 1);
}

/** @returns false if `isStillWanted` returned false; the old file is then unchanged */
async function replace(
  target: string,
  { content, mode, verify }: Replacement,
  existing: ExistingFile | undefined,
  isStillWanted: () => Promise<boolean>,
): Promise<boolean> {
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const permissions = mode ?? existing?.mode;
    const handle = await open(temporary, 'wx', permissions ?? 0o666);
    try {
      // Root may write a file of a service's user, who must still be able to read it. Others cannot change the owner.
      if (existing) await handle.chown(existing.uid, existing.gid).catch(() => undefined);
      await handle.writeFile(content);
      if (permissions !== undefined) await handle.chmod(permissions);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (verify) verify((await readExisting(temporary))?.content ?? Buffer.alloc(0));
    if (!(await isStillWanted())) return false;
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(target));
  return true;
}

/** Removes temporary files of a process that was killed while it held the lock: they may hold secrets. */
async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = `${basename(target)}.`;
  const leftovers = (await readdir(folder)).filter(
    (name) => name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length)),
  );
  for (const name of leftovers) await rm(join(folder, name), { force: true });
}

async function readExisting(file: string): Promise<ExistingFile | undefined> {
  try {
    await access(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      const kind = status.isDirectory() ? 'a folder' : 'not a regular file';
      throw fileNotWritten(file, new Error(`it is ${kind}`), notRegularHint);
    }
    const { mode, uid, gid } = status;
    return { content: await handle.readFile(), mode: mode & 0o777, uid, gid };
  } finally {
    await handle.close();
  }
}

function isSame(before: ExistingFile | undefined, now: ExistingFile | undefined): boolean {
  return before && now ? before.content.equals(now.content) : before === now;
}

/** Resolves the symbolic links of an absolute path, whether or not the file exists. */
export async function followLinks(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
    const link = await readlink(file).catch(() => undefined);
    if (link !== undefined) return followLinks(resolve(dirname(file), link));
    const folder = await realpath(dirname(file)).catch(() => dirname(file));
    return join(folder, basename(file));
  }
}

/** Makes the rename durable. Some file systems cannot flush a folder; the content is flushed in any case. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
