// Compiles the JSON Schemas in schemas/ to plain functions, so that no start pays for the schema compiler.
// Writes src/manifest/generated/, which is not committed: every build makes it anew.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'rolldown';

const root = new URL('../', import.meta.url);

/** @param {string} schemaFile @param {string} target */
async function compile(schemaFile, target) {
  const schema = JSON.parse(await readFile(new URL(schemaFile, root), 'utf8'));
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    messages: false,
    inlineRefs: false,
    code: { source: true, esm: true },
  });
  const validate = ajv.compile(schema);
  // ajv's standalone code reaches for its runtime with require(); bundling makes it one module without imports.
  const entry = '\0compiled-schema.js';
  const { output } = await build({
    input: entry,
    write: false,
    platform: 'neutral',
    plugins: [
      {
        name: 'compiled-schema',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? standalone.default(ajv, validate) : undefined),
      },
    ],
    output: { format: 'esm', minify: true },
  });
  const file = new URL(target, root);
  await mkdir(new URL('.', file), { recursive: true });
  // Generated code has no types of its own; the module that imports it gives it one.
  await writeFile(
    file,
    `// @ts-nocheck Generated from ${schemaFile} by scripts/compile-schemas.js.\n${output[0].code}`,
  );
}

await compile('schemas/slack-app-manifest.schema.json', 'src/manifest/generated/manifest-schema.ts');
