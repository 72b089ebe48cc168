import { setTimeout } from 'node:timers/promises';

/** Another process held the lock for the whole wait. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
}

/** The holder of a lock renews it. One that was not renewed for this long is taken over: its process was killed. */
const staleMs = 5_000;
const pollMs = 25;

/**
 * Locks a file against other processes of this program, by a folder `FILE.lock`. The file need not exist.
 *
 * @param file absolute, without symbolic links
 * @param signal ends the wait for another process
 * @returns the function that unlocks it; it never rejects
 * @throws LockHeld after `waitMs`; the signal's reason; the system's error if the folder cannot be written
 */
export async function lockFile(
  file: string,
  { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
): Promise<() => Promise<void>> {
  // Loaded only when needed: from then on it listens for every signal that ends the process.
  const { lock } = await import('proper-lockfile');
  for (const deadline = performance.now() + waitMs; ; ) {
    try {
      const unlock = await lock(file, { realpath: false, stale: staleMs, onCompromised: () => undefined });
      // A lock that was lost, such as while the machine slept, cannot be given back.
      return () => unlock().catch(() => undefined);
    } catch (error) {
      if (!isHeld(error)) throw error;
      if (performance.now() > deadline) throw new LockHeld(`another process holds ${file}.lock`);
    }
    signal?.throwIfAborted();
    await setTimeout(pollMs);
  }
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}
