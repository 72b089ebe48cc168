// Writes the documentation pages that are made from tables in the sources.
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const { outputFiles } = await build({
  absWorkingDir: root.pathname,
  entryPoints: ['src/slack/error-words/page.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
});
const [bundle] = outputFiles;
if (!bundle) throw new Error('nothing was bundled');
const { renderErrorWordsPage } = await import(`data:text/javascript,${encodeURIComponent(bundle.text)}`);
await writeFile(new URL('docs/errors.md', root), renderErrorWordsPage());
