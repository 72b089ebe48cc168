import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'rolldown/parseAst';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Words that no message, help text or page uses in this sense, and the standard term for each. */
const banned: readonly (readonly [pattern: RegExp, standard: string])[] = [
  [/\banswer(?:s|ed|ing)?\b/i, 'response, respond'],
  [/\bspared?\b/i, 'circuit open'],
  [/\bheld to be down\b/i, 'circuit open'],
  [/\b(?:\d+|how many|many|several|few|all|its|more|first|last|no|of) tries\b/i, 'attempts'],
  [/\b(?:tries|tried) again\b/i, 'retries, retried'],
  [/\bpass(?:es|ed|ing)? on\b/i, 'forward'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
  [/\banew\b/i, 'again'],
  [/\b(?:be|is) content\b|\bcontent with\b/i, 'accept'],
  [
    /\b(?:wants?|needs?|after|without|asks? for) a yes\b|\ba no (?:ends|is|was|to)\b/i,
    'confirmation, declined',
  ],
  [/\b(?:is|are) none\b(?! of)/i, 'is not one'],
  [/\bis wanted\b/i, 'expected'],
  [/\bwhoever\b/i, 'anyone who'],
  [/\bnobody\b/i, 'the actor, or what does not work'],
  [/\bas (?:it|they) stands?\b/i, 'unchanged, as written'],
  [/\bhere and there\b/i, 'the two places'],
  [/’/, "'"],
  [/\blets? go of\b/i, 'release'],
  [/\b(?:goes|go) on\b/i, 'continue'],
  [/\bis silent\b/i, 'prints nothing, sends nothing'],
  [/\bstands (?:in|there|here|beside|before|behind)\b/i, 'is in'],
  [/\b(?:all the same|as it must be|leads nowhere|brings? \w+ home)\b/i, 'plain words'],
];

/** Uses in another sense: what a person answers to a question, and what the program answers a shell. */
const allowed: readonly RegExp[] = [
  /\banswers?\b.*\b(?:questions?|missing|kept|folder|option|yes|shells?|upgrade)\b/i,
  /\b(?:questions?|could not store the|git did not|how to get an)\b.*\banswer/i,
];

interface Text {
  readonly line: number;
  readonly text: string;
}

it('uses the standard term in every message, help text and page', async () => {
  const found: string[] = [];
  for (const file of await filesToRead()) {
    const source = await readFile(join(root, file), 'utf8');
    const texts = file.endsWith('.ts') ? stringsOf(source) : proseOf(source);
    found.push(...texts.flatMap((text) => offences(file, text)));
  }
  expect(found).toEqual([]);
});

async function filesToRead(): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const pages = entries.map(({ name }) => name).filter((name) => name.endsWith('.md'));
  const docs = (await readdir(join(root, 'docs'), { recursive: true }))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .sort();
  const sources = (await readdir(join(root, 'src'), { recursive: true }))
    .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
    .map((name) => `src/${name.replaceAll('\\', '/')}`);
  return [...pages, ...docs.filter((name) => name.endsWith('.md')), ...sources.sort()];
}

function offences(file: string, { line, text }: Text): readonly string[] {
  return banned.flatMap(([pattern, standard]) => {
    const found = pattern.exec(text)?.[0];
    if (found === undefined || allowed.some((use) => use.test(text))) return [];
    return [`${file}:${line}: "${found}" (${standard}) in: ${text.trim().slice(0, 120)}`];
  });
}

/** The lines of a page, without code. */
function proseOf(page: string): readonly Text[] {
  let isCode = false;
  return page.split('\n').flatMap((text, index) => {
    if (text.startsWith('```')) isCode = !isCode;
    return isCode ? [] : [{ line: index + 1, text: text.replace(/`[^`]*`/g, '') }];
  });
}

/** The string literals and the texts of template literals in a module. */
function stringsOf(source: string): readonly Text[] {
  const found: Text[] = [];
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
    } else if (isNode(node)) {
      if (node['type'] === 'Literal' && typeof node['value'] === 'string') {
        found.push({ line: lineOf(Number(node['start'])), text: node['value'] });
      } else if (node['type'] === 'TemplateElement') {
        const start = Number(node['start']);
        const lines = source.slice(start, Number(node['end'])).split('\n');
        found.push(...lines.map((text, index) => ({ line: lineOf(start) + index, text })));
      }
      for (const part of Object.values(node)) visit(part);
    }
  };
  visit(parseAst(source, { lang: 'ts' }).body);
  return found;
}

function isNode(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
