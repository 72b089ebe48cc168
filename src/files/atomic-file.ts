import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, readdir, readlink, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileNotWritten } from './file-error.ts';
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
  /** Without one the old file's permissions stay, and a new file gets what the umask leaves. */
  readonly mode: number | undefined;
  /** Looks at what lies on disk before it takes the old file's place; what it throws leaves the old one there. */
  readonly verify?: (written: Buffer) => void;
}

/**
 * Replaces a file's content in one step: written beside it, flushed to disk, renamed over it. A crash at any point
 * leaves the old or the new content. A symbolic link is followed, not replaced.
 *
 * @param mode the permissions of the new file, whatever the old ones were; without one as in {@link Replacement}
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

/** An update takes milliseconds, and the lock of a killed process seconds. */
const lockWaitMs = 15_000;

/**
 * Makes a file's new content out of its old one, in one step like {@link writeAtomically}. Other processes that
 * update the same file wait; where something else has changed it meanwhile, such as an editor, the update is made
 * again from what is there then.
 *
 * @param update gives nothing where the file is to stay as it is; it may be called more than once
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
  tries = 20,
): Promise<void> {
  const existing = await readExisting(target);
  const replacement = update(existing);
  if (!replacement) return;
  const isUnchanged = async () => isSame(existing, await readExisting(target));
  if (await replace(target, replacement, existing, isUnchanged)) return;
  if (tries === 0) throw fileNotWritten(target, new Error('something else keeps changing it'));
  await updateLocked(target, update, tries - 1);
}

/** @returns false where the new file was not wanted any more, and the old one is still there */
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
      // Root may write for a service's user, who must go on reading it. Others cannot give files away.
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

/** Takes away what a process left that was killed while it held the lock: it may hold secrets. */
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
  // A named pipe would hold us up until somebody wrote to it.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      const kind = status.isDirectory() ? 'a folder' : 'not a regular file';
      throw fileNotWritten(file, new Error(`it is ${kind}`));
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

/** The file that an absolute name stands for, be it there or not. */
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

/** Makes the rename itself durable. Some file systems cannot flush a folder; the content is safe there all the same. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
