// Writes the documentation pages that are made from tables in the sources.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = new URL('../', import.meta.url);

/** @param {string} source a module @param {string} render its function that returns the page */
async function page(source, render, target) {
  const { output } = await build({
    cwd: fileURLToPath(root),
    input: source,
    platform: 'node',
    write: false,
    output: { format: 'esm' },
  });
  const module = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  await writeFile(new URL(target, root), module[render]());
}

await page('src/slack/error-words/page.ts', 'renderErrorWordsPage', 'docs/errors.md');
await page('src/manifest/rules/page.ts', 'renderRulesPage', 'docs/manifest-rules.md');
