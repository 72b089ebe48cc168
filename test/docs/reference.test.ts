import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { deploymentFormats } from '../../src/environment/formats/formats.ts';
import { commands } from '../../src/main.ts';
import { renderReferencePages } from '../../src/reference/pages.ts';
import { runInProcess } from '../support/in-process.ts';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFile(new URL(file, root), 'utf8');
const pages = await renderReferencePages();
const page = pages['docs/reference.md'] ?? '';

it.each(Object.entries(pages))('%s is what npm run docs writes', async (file, text) => {
  expect(await read(file)).toBe(text);
});

describe('docs/reference.md', () => {
  it('has a section for each command, with each option of its help', async () => {
    for (const { name } of commands) {
      const { stdout } = await runInProcess([name, '--help'], { cwd: '/' });
      const [, section = ''] = page.split(`\n## \`spacelift-slack ${name}\`\n`);
      const described = `${section.split('\n## ')[0]}${page.split('## Global options')[1]?.split('\n## ')[0]}`;
      const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
      expect(options.length).toBeGreaterThan(4);
      for (const option of options) expect(described, `${name} ${option}`).toContain(option);
    }
  });

  it('names each variable that the program reads', async () => {
    const sources = (await readdir(new URL('src', root), { recursive: true })).filter((name) =>
      name.endsWith('.ts'),
    );
    const texts = await Promise.all(sources.map((name) => read(`src/${name}`)));
    const names = texts.flatMap((text) =>
      [...text.matchAll(/\benv\['([A-Z_]+)'\]/g)].map(([, name = '']) => name),
    );
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) expect(page).toContain(`\`${name}\``);
  });

  it('names each format of env', () => {
    for (const { name } of deploymentFormats) expect(page).toContain(`| \`${name}\` `);
  });
});

it('the man page has no line that troff could take for an unknown request', () => {
  const requests = new Set(
    (pages['man/spacelift-slack.1'] ?? '').match(/^[.'].{2}/gm)?.map((one) => one.trim()),
  );
  expect([...requests].sort()).toEqual([
    '.B',
    '.BR',
    '.PP',
    '.SH',
    '.SS',
    '.TH',
    '.TP',
    '.\\"',
    '.fi',
    '.nf',
  ]);
});
