// Bundles the program into dist/. A start is fast when it reads few files and loads little: what every command needs is
// one chunk, what `manifest` needs another, and everything else is loaded where it is used.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import './compile-schemas.js';

const root = new URL('../', import.meta.url);
const { dependencies } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));

/** Small libraries on the way of every start; the other dependencies stay packages of their own. */
const bundled = ['commander', '@commander-js/extra-typings', 'ipaddr.js', 'fastest-levenshtein'];

await rm(new URL('dist/', root), { recursive: true, force: true });
await build({
  cwd: fileURLToPath(root),
  input: 'src/main.ts',
  platform: 'node',
  external: (id, importer) => {
    if (startsPrograms(id, importer)) return false;
    return (
      /^node:/.test(id) || Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`))
    );
  },
  plugins: [withoutChildProcess()],
  output: {
    dir: 'dist',
    format: 'esm',
    // Names stay, so that a stack trace can be read.
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    codeSplitting: {
      groups: [
        {
          name: 'base',
          test: /rolldown\/runtime|src\/(?:main|domain|package|user-error|exit-code|environment\/settings|cli\/context|terminal\/(?:prompt|terminal|write-errors))\.ts|node_modules\/(?:commander|@commander-js)\//,
        },
        {
          name: 'manifest',
          test: /src\/commands\/(?:manifest\/manifest\.ts|options\/(?:render|domain|env-file)|output\/result-file)|src\/text\/nearest|src\/json-value|src\/manifest\/(?:[^/]+\.ts|rules\/(?!catalogue|page)|schema\/(?!schema-remarks))(?<!(?:validate|diff|diff-effect)\.ts)|templates\/slack-app|node_modules\/fastest/,
        },
      ],
    },
  },
});
await writeFile(new URL('dist/third-party-licenses.txt', root), await licenses());

/** commander can start programs as subcommands, for which it loads child_process; ours has none of that kind. */
function startsPrograms(id, importer) {
  return id === 'node:child_process' && importer?.includes('node_modules/commander/');
}

function withoutChildProcess() {
  const stub = '\0no-child-process';
  return {
    name: 'without-child-process',
    resolveId: (id, importer) => (startsPrograms(id, importer) ? stub : undefined),
    load: (id) => (id === stub ? 'export {};' : undefined),
  };
}

async function licenses() {
  const texts = bundled.map(async (name) => {
    const folder = new URL(`node_modules/${name}/`, root);
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} comes without its license`);
    const license = await readFile(new URL(file, folder), 'utf8');
    return `${name}\n\n${license.trim()}\n`;
  });
  return `The files beside this one contain these libraries.\n\n${(await Promise.all(texts)).join('\n---\n\n')}`;
}
