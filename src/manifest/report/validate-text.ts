import type { ChalkInstance } from 'chalk';
import { visible } from '../../visible.ts';
import type { Finding } from '../finding.ts';
import type { ValidatedFile } from '../validate.ts';

/** Wide enough to recognise a line by, narrow enough not to wrap. */
const excerptWidth = 96;

/** Findings for people: place, rule, the source line with a caret under the place, and what to do. */
export function validateAsText(files: readonly ValidatedFile[], pen: ChalkInstance): string {
  const blocks = files.flatMap((file) =>
    file.findings.length === 0
      ? [`${visible(file.name)}: ${pen.green('valid')}`]
      : file.findings.map((finding) => describe(file, finding, pen)),
  );
  const errors = count(files, 'error');
  const warnings = count(files, 'warning');
  const summary = `${plural(files.length, 'file')}, ${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
  const needsSummary = files.length > 1 || errors + warnings > 0;
  return `${blocks.join('\n\n')}\n${needsSummary ? `\n${(errors > 0 ? pen.red : pen.green)(summary)}\n` : ''}`;
}

function describe({ name, lines }: ValidatedFile, finding: Finding, pen: ChalkInstance): string {
  const { line, column, severity, rule, message, hint } = finding;
  const place = `${visible(name)}:${line}:${column}`;
  const label = severity === 'error' ? pen.red('error') : pen.yellow('warning');
  const number = String(line);
  const gutter = ' '.repeat(number.length);
  const { text, caret } = excerpt(lines.text(line), column);
  return [
    `${pen.bold(place)} ${label} ${visible(message)} ${pen.dim(`[${rule}]`)}`,
    `  ${pen.dim(`${number} |`)} ${text}`,
    `  ${pen.dim(`${gutter} |`)} ${' '.repeat(caret)}${pen.cyan('^')}`,
    `  ${visible(hint)}`,
  ].join('\n');
}

/** The part of a line around a column, with tabs as one blank so that the caret stands right. */
function excerpt(line: string, column: number): { readonly text: string; readonly caret: number } {
  const start = Math.max(0, Math.min(column - 1 - excerptWidth / 2, line.length - excerptWidth));
  const end = start + excerptWidth;
  const before = visible(line.slice(start, column - 1).replaceAll('\t', ' '));
  const after = visible(line.slice(column - 1, end).replaceAll('\t', ' '));
  const lead = start > 0 ? '…' : '';
  return {
    text: `${lead}${before}${after}${end < line.length ? '…' : ''}`,
    caret: lead.length + before.length,
  };
}

function count(files: readonly ValidatedFile[], severity: Finding['severity']): number {
  return files.reduce((sum, { findings }) => sum + findings.filter((f) => f.severity === severity).length, 0);
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
