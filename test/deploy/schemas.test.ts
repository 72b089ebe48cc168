import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('each schema has an https id that ends with the name of its file', async () => {
  const names = await readdir(join(root, 'schemas'));
  expect(names).not.toEqual([]);
  for (const name of names) {
    const { $id } = JSON.parse(await readFile(join(root, 'schemas', name), 'utf8'));
    expect($id).toBe(`https://unpkg.com/spacelift-slack/schemas/${name}`);
  }
});
