import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

function compareWords(folder: string): Promise<{ readonly code: number; readonly stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/compare-words.js'], { cwd: folder }, (error, stdout) =>
      resolve({ code: error ? 1 : 0, stdout }),
    );
  });
}

it("has every scope and event of Slack's SDK in its installed version (npm run compare-words)", async () => {
  const { code, stdout } = await compareWords(root);
  expect(stdout).not.toContain('missing:');
  expect(code).toBe(0);
});

it('reports a scope and an event that the SDK has and the lists lack', async () => {
  const folder = await temporaryFolder();
  for (const path of ['scripts', 'src/manifest/slack-words', 'package.json']) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, word] of [
    ['scopes.ts', 'app_mentions:read'],
    ['events.ts', 'agent_session_stopped'],
  ] as const) {
    const path = join(folder, 'src/manifest/slack-words', file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(`  '${word}',\n`, ''));
  }

  const { code, stdout } = await compareWords(folder);

  expect(code).toBe(1);
  expect(stdout).toContain('  missing: app_mentions:read\n');
  expect(stdout).toContain('  missing: agent_session_stopped\n');
});
