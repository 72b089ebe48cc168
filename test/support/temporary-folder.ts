import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that goes away with the test, or when something else ends. */
export async function temporaryFolder(
  onEnd: (remove: () => Promise<void>) => void = onTestFinished,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
