// Writes what is published from tables in the sources: documentation pages, and parts of pages and schemas.
import { readFile, writeFile } from 'node:fs/promises';
import { loadModule } from './load-module.js';

const root = new URL('../', import.meta.url);

/** @param {string} source a module @param {string} render its function that returns the page */
async function page(source, render, target) {
  const module = await loadModule(source);
  await writeFile(new URL(target, root), module[render]());
}

/** @param {(text: string) => string | Promise<string>} change */
async function edit(target, change) {
  const file = new URL(target, root);
  await writeFile(file, await change(await readFile(file, 'utf8')));
}

await page('src/slack/error-words/page.ts', 'renderErrorWordsPage', 'docs/errors.md');
await page('src/manifest/rules/page.ts', 'renderRulesPage', 'docs/manifest-rules.md');

const reference = await loadModule('src/reference/pages.ts');
for (const [target, text] of Object.entries(await reference.renderReferencePages())) {
  await writeFile(new URL(target, root), text);
}

const formats = await loadModule('src/environment/formats/page.ts');
await edit('docs/env.md', (text) =>
  text.replace(
    /(<!-- formats: .*-->\n)[\s\S]*(<!-- end of formats -->)/,
    (_, open, close) => `${open}\n${formats.renderFormats()}\n\n${close}`,
  ),
);

const checks = await loadModule('src/doctor/catalogue/page.ts');
await edit('docs/doctor.md', (text) =>
  text.replace(
    /(<!-- checks: .*-->\n)[\s\S]*(<!-- end of checks -->)/,
    (_, open, close) => `${open}\n${checks.renderChecks()}\n\n${close}`,
  ),
);
await edit('schemas/doctor-report.schema.json', (text) => {
  const schema = JSON.parse(text);
  for (const [property, values] of Object.entries(checks.schemaEnums())) {
    schema.$defs.check.properties[property].enum = values;
  }
  return JSON.stringify(schema, null, 2);
});

// A block after `<!-- file: PATH -->` is that file.
const embedded = /(<!-- file: (\S+) -->\n\n```\w+\n)[\s\S]*?(^```$)/gm;
await edit('docs/deploy.md', async (text) => {
  const files = [...text.matchAll(embedded)].map(([, , file]) => file);
  const contents = new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(new URL(file, root), 'utf8')])),
  );
  return text.replace(embedded, (_, open, file, close) => `${open}${contents.get(file)}${close}`);
});

// The Prometheus Operator reads the same rules from an object.
const rules = await readFile(new URL('deploy/prometheus/rules.yaml', root), 'utf8');
await writeFile(
  new URL('deploy/kubernetes/components/prometheus-operator/prometheus-rule.yaml', root),
  [
    '# Generated from deploy/prometheus/rules.yaml: `npm run docs`.',
    'apiVersion: monitoring.coreos.com/v1',
    'kind: PrometheusRule',
    'metadata:',
    '  name: spacelift-slack',
    'spec:',
    ...rules
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`.trimEnd()),
    '',
  ].join('\n'),
);
