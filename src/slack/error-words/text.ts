import type { ChalkInstance } from 'chalk';
import { type ErrorWord, sources } from './entry.ts';

/** One entry in full, for reading. */
export function renderErrorWord(entry: ErrorWord, pen: ChalkInstance): string {
  const source = sources[entry.source];
  const lines = [pen.bold([entry.word, ...(entry.alias ?? [])].join(', '))];
  if (entry.shown) lines.push(pen.dim(entry.shown));
  lines.push('', entry.meaning, '', 'Likely causes, the likeliest first:');
  lines.push(...entry.causes.map((cause, index) => `  ${index + 1}. ${cause}`));
  lines.push('', `What to do: ${entry.advice}`);
  lines.push(...entry.run.map((command) => `  ${pen.cyan(command)}`));
  lines.push('', pen.dim(`Source: ${source.title}${'url' in source ? `, ${source.url}` : ''}`), '');
  return lines.join('\n');
}

/** One line an entry: the word and the first sentence of what it means. */
export function renderErrorWordList(entries: readonly ErrorWord[], pen: ChalkInstance): string {
  const width = Math.max(...entries.map(({ word }) => word.length));
  return entries
    .map(({ word, meaning }) => `${pen.bold(word.padEnd(width))}  ${firstSentence(meaning)}\n`)
    .join('');
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.) /, 1)[0] ?? text;
}
