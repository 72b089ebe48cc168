// Compiles the JSON Schemas in schemas/ to plain functions, so that the program need not load the schema compiler.
// Writes folders named "generated" under src/, which are not committed: every build writes them again.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'rolldown';

const root = new URL('../', import.meta.url);

/** @param {string} schemaFile @param {string} target */
async function compile(schemaFile, target) {
  const schema = JSON.parse(await readFile(new URL(schemaFile, root), 'utf8'), withoutAnnotations);
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    messages: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  const validate = ajv.compile(schema);
  // ajv's standalone code loads its runtime with require(); bundling turns it into one module without imports.
  const entry = '\0compiled-schema.js';
  const { output } = await build({
    input: entry,
    write: false,
    platform: 'neutral',
    plugins: [
      {
        name: 'compiled-schema',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? shorten(standalone.default(ajv, validate)) : undefined),
      },
    ],
    output: { format: 'esm', minify: true },
  });
  const file = new URL(target, root);
  await mkdir(new URL('.', file), { recursive: true });
  // Generated code has no types of its own; the module that imports it declares one.
  await writeFile(
    file,
    `// @ts-nocheck Generated from ${schemaFile} by scripts/compile-schemas.js.\n${output[0].code}`,
  );
}

/**
 * A reviver that removes what is for readers alone; a property with such a name is an object, and stays. A part marked
 * as an unlisted key becomes one that no value satisfies, so that the validator reports its presence.
 */
function withoutAnnotations(key, value) {
  const isAnnotation =
    key === 'examples' || (['title', 'description'].includes(key) && typeof value === 'string');
  if (isAnnotation) return undefined;
  return value?.$comment === 'unlisted-key' ? { ...value, not: {} } : value;
}

/**
 * At each of some 260 places ajv repeats the code that appends an error, with parts that are not used here. Calling one
 * function instead halves the file.
 *
 * @param {string} code
 */
function shorten(code) {
  let places = 0;
  const joined = code.replace(
    /const (err\d+) = (\{.*\});\nif\(vErrors === null\)\{\nvErrors = \[\1\];\n\}\nelse \{\nvErrors\.push\(\1\);\n\}/g,
    (_all, _name, error) => {
      places += 1;
      const short = error.replace(/schemaPath:"[^"]*",/, '').replace(/allowedValues: schema[\w.]+/, '');
      return `vErrors = join(vErrors, ${short});`;
    },
  );
  if (places === 0 || /const err\d+/.test(joined))
    throw new Error('the code that ajv generates has changed, so that it cannot be shortened');
  return `${joined}\nfunction join(list, error) {\n  if (list === null) return [error];\n  list.push(error);\n  return list;\n}\n`;
}

await compile('schemas/slack-app-manifest.schema.json', 'src/manifest/schema/generated/manifest-schema.ts');
await compile('schemas/project.schema.json', 'src/environment/generated/project-schema.ts');
