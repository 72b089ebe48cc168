// Bundles the program and its dependencies into dist/, as CommonJS, which starts faster than ES modules. A start is fast
// when it reads few files and loads little: what every command needs is one chunk, what the definitions of several
// commands share another, and the rest is loaded where it is used.
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { billOfMaterials } from './bill-of-materials.js';
import { bundledPackages, readPackage } from './bundled-packages.js';
import './compile-schemas.js';
import { licenseTexts } from './license-texts.js';

const root = new URL('../', import.meta.url);

/** What packages load and this program does not use, and what takes its place. */
const replacements = [
  // For programs as subcommands, of which there are none.
  { id: 'node:child_process', importer: 'node_modules/commander/', code: 'export {};' },
  // For exemplars, which are off.
  { id: '@opentelemetry/api', importer: 'node_modules/prom-client/', code: 'export {};' },
  // For limiters that keep their counters elsewhere than in memory.
  {
    id: 'rate-limiter-flexible',
    importer: 'src/server/',
    code: ['RateLimiterMemory', 'RateLimiterRes']
      .map((name) => `export { default as ${name} } from 'rate-limiter-flexible/lib/${name}.js';`)
      .join('\n'),
  },
];

/** The chunks of our own, by the modules in them. */
const chunks = new Map();

await rm(new URL('dist/', root), { recursive: true, force: true });
const { output } = await build({
  cwd: fileURLToPath(root),
  input: 'src/main.ts',
  platform: 'node',
  // dotenv is in a chunk of several commands, but import() still delays running it until an env file is read.
  checks: { ineffectiveDynamicImport: false },
  // libsql has binaries. pg takes its native client only where an application asks for it.
  external: (id, importer) => /^(node:|libsql\/|pg-native$)/.test(id) && !replacementFor(id, importer),
  plugins: [
    replaceUnused(),
    {
      name: 'plan-chunks',
      buildEnd() {
        planChunks((id) => this.getModuleInfo(id));
      },
    },
  ],
  output: {
    dir: 'dist',
    // For `npm run coverage:all`. The files do not name them: Node would copy them into each report.
    sourcemap: process.argv.includes('--source-maps') && 'hidden',
    format: 'cjs',
    // require() loads libsql too, and Node loads no ES module loader for it.
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    // Names stay, so that a stack trace can be read.
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    codeSplitting: {
      groups: ['base', 'options', 'commands', 'manifest'].map((name) => ({
        name,
        test: (id) => chunks.get(id) === name,
      })),
    },
  },
});
const bundled = await bundledPackages(output.flatMap(({ moduleIds = [] }) => moduleIds));
await writeFile(new URL('dist/third-party-licenses.txt', root), await licenseTexts(bundled));
const [own, libsql] = await Promise.all(
  ['.', 'node_modules/libsql'].map((folder) => readPackage(fileURLToPath(new URL(folder, root)))),
);
await writeFile(
  new URL('dist/sbom.cdx.json', root),
  await billOfMaterials(
    own.manifest,
    bundled.map(({ manifest }) => manifest),
    [libsql.manifest],
  ),
);

/**
 * Says which modules share a chunk, which follows from what imports what: only what nothing imports but by `import()`
 * is left to the bundler.
 */
function planChunks(getModuleInfo) {
  const path = (file) => fileURLToPath(new URL(file, root));
  const main = path('src/main.ts');
  const commands = getModuleInfo(main).dynamicallyImportedIds.map((id) => closure(id, getModuleInfo));
  const plan = (name, modules) => {
    for (const id of modules) if (!chunks.has(id)) chunks.set(id, name);
  };
  plan('base', closure(main, getModuleInfo));
  const defined = new Set(commands.flatMap((modules) => [...modules]));
  const shared = [...defined].filter((id) => commands.filter((modules) => modules.has(id)).length > 1);
  // Rendering and validating is what most starts do: they do not load what only other commands share.
  const manifest = closure(path('src/commands/manifest/manifest.ts'), getModuleInfo);
  for (const { dynamicallyImportedIds } of [...manifest].map(getModuleInfo))
    for (const id of dynamicallyImportedIds) closure(id, getModuleInfo, manifest);
  plan(
    'options',
    shared.filter((id) => manifest.has(id)),
  );
  plan('commands', shared);
  for (const file of ['validate', 'inspect', 'source/json', 'report/validate-text'])
    plan('manifest', closure(path(`src/manifest/${file}.ts`), getModuleInfo));
}

/** A module and all that it imports statically. */
function closure(id, getModuleInfo, found = new Set()) {
  const info = getModuleInfo(id);
  if (!info || info.isExternal || found.has(id)) return found;
  found.add(id);
  for (const imported of info.importedIds) closure(imported, getModuleInfo, found);
  return found;
}

/** The replacement for what a package imports, by the folder that the importer is in; undefined if there is none. */
function replacementFor(id, importer) {
  return replacements.find((one) => one.id === id && importer?.includes(one.importer));
}

function replaceUnused() {
  const prefix = '\0replacement:';
  return {
    name: 'replace-unused',
    resolveId: (id, importer) => (replacementFor(id, importer) ? prefix + id : undefined),
    load: (id) => replacements.find((one) => id === prefix + one.id)?.code,
  };
}
