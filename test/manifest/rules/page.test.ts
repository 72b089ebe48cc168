import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { renderRulesPage } from '../../../src/manifest/rules/page.ts';

it('docs/manifest-rules.md is what npm run docs writes', async () => {
  const page = await readFile(new URL('../../../docs/manifest-rules.md', import.meta.url), 'utf8');
  expect(page).toBe(renderRulesPage());
});
