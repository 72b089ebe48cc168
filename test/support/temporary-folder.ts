import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that is removed when the test ends, or when `onEnd` says. */
export async function temporaryFolder(
  onEnd: (remove: () => Promise<void>) => void = onTestFinished,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
