import type { ChalkInstance } from 'chalk';
import stringWidth from 'string-width';
import { visible } from '../../text/visible.ts';
import type { Finding } from '../finding.ts';
import type { ValidatedFile } from '../validate.ts';

/** Columns of a terminal: wide enough to recognise a line by, narrow enough not to wrap. */
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
  return `${blocks.join('\n').trimEnd()}\n${needsSummary ? `\n${(files.every(({ valid }) => valid) ? pen.green : pen.red)(summary)}\n` : ''}`;
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
    '',
  ].join('\n');
}

interface Excerpt {
  readonly text: string;
  /** How many columns of the terminal stand before the place. */
  readonly caret: number;
}

/** The part of a line around a column. A tab is shown as one blank, so that the caret stands right. */
function excerpt(line: string, column: number): Excerpt {
  const shown = (text: string) => visible(text.replaceAll('\t', ' '));
  const at = column - 1;
  const before = shown(line.slice(Math.max(0, at - excerptWidth), at));
  const kept = fitting(graphemesOf(before).reverse(), excerptWidth / 2)
    .reverse()
    .join('');
  const after = shown(line.slice(at, at + excerptWidth));
  const rest = fitting(graphemesOf(after), excerptWidth - stringWidth(kept)).join('');
  const lead = kept.length < before.length || at > excerptWidth ? '…' : '';
  const trail = rest.length < after.length || line.length > at + excerptWidth ? '…' : '';
  return { text: `${lead}${kept}${rest}${trail}`, caret: lead.length + stringWidth(kept) };
}

const segmenter = new Intl.Segmenter();

/** What a person sees as one character each. */
function graphemesOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Most of a manifest is, and need not be looked up. */
function isAscii(grapheme: string): boolean {
  return grapheme.length === 1 && grapheme <= '~';
}

/** As many from the front as fit into so many columns of a terminal. */
function fitting(graphemes: readonly string[], columns: number): string[] {
  let width = 0;
  const beyond = graphemes.findIndex((grapheme) => {
    width += isAscii(grapheme) ? 1 : stringWidth(grapheme);
    return width > columns;
  });
  return graphemes.slice(0, beyond === -1 ? undefined : beyond);
}

function count(files: readonly ValidatedFile[], severity: Finding['severity']): number {
  return files.reduce((sum, { findings }) => sum + findings.filter((f) => f.severity === severity).length, 0);
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
