import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runInProcess } from '../../support/in-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const colour = '\u001b[';

it.each([
  [['doctor', '--domain', 'spacelift.example.com', '--offline']],
  [['manifest', 'validate', 'manifest.json']],
  [['manifest', 'diff', 'manifest.json', '--domain', 'spacelift.example.com']],
])('colours the result of %j, but no file that --out names', async (command) => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'manifest.json'), '{"display_information":{"name":"A"},"x":1}');
  // Stands for a terminal.
  const run = (...args: string[]) => runInProcess([...command, ...args], { cwd, env: { FORCE_COLOR: '1' } });
  expect((await run()).stdout).toContain(colour);
  expect((await run('--out', '-')).stdout).toContain(colour);
  expect((await run('--out', 'result.txt')).stdout).toBe('');
  expect(await readFile(join(cwd, 'result.txt'), 'utf8')).not.toContain(colour);
});
