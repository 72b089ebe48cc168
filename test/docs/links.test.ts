import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pageNames, readPage } from './support/pages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('each link in README and docs leads to a file and a heading that exist', async () => {
  const broken: string[] = [];
  let count = 0;
  for (const name of await pageNames()) {
    for (const target of linksOf(await readPage(name))) {
      count += 1;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? name : join(dirname(name), path);
      const exists = existsSync(join(root, file));
      if (!exists) broken.push(`${name}: ${target}`);
      if (!exists || anchor === undefined || statSync(join(root, file)).isDirectory()) continue;
      if (!anchorsOf(await readPage(file)).includes(anchor)) broken.push(`${name}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
  expect(count).toBeGreaterThan(80);
});

/** The targets of links within the repository. */
function linksOf(page: string): readonly string[] {
  return [...withoutCode(page).matchAll(/\]\(<?([^)>\s]+)>?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that GitHub makes of headings. */
function anchorsOf(page: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...withoutCode(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

function withoutCode(page: string): string {
  return page.replace(/^( *)```[\s\S]*?^\1```/gm, '');
}
