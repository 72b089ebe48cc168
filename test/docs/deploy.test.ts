import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFile(new URL(file, root), 'utf8');

it('docs/deploy.md prints the files of deploy/ as they are: run `npm run docs` after a change', async () => {
  const page = await read('docs/deploy.md');
  const blocks = [...page.matchAll(/<!-- file: (\S+) -->\n\n```\w+\n([\s\S]*?)^```$/gm)];
  expect(blocks.length).toBeGreaterThan(8);
  for (const [, file = '', printed] of blocks) expect(printed).toBe(await read(file));
});

it('every file that docs/deploy.md names is there', async () => {
  const page = await read('docs/deploy.md');
  const named = new Set(page.match(/\bdeploy\/[\w./-]+\.(?:json|yaml|service)\b/g));
  expect(named.size).toBeGreaterThan(5);
  for (const file of named) await expect(read(file)).resolves.not.toBe('');
});
