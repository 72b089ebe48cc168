import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

it('no source calls URL.canParse, which fails on some URLs in Node 20 and 22 (parse-url.ts)', async () => {
  const files = (await readdir(src, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const calling = [];
  for (const file of files) {
    if ((await readFile(join(src, file), 'utf8')).includes('URL.canParse(')) calling.push(file);
  }
  expect(files.length).toBeGreaterThan(300);
  expect(calling).toEqual([]);
});
