import type { ChalkInstance } from 'chalk';
import stringWidth from 'fast-string-width';
import { maskSecrets } from '../../text/mask-secrets.ts';
import { visible } from '../../text/visible.ts';
import type { Finding } from '../finding.ts';
import type { ValidatedFile } from '../validate.ts';

/** Columns of a terminal: enough to recognise a line, and few enough not to wrap. */
const excerptWidth = 96;

/** More places of one finding than this are counted, not listed. */
const maxPlaces = 10;

/**
 * Findings for people: place, message and rule, the line with a caret under the place, and what to do. Equal findings
 * in several places of a file are shown once, at the first.
 */
export function validateAsText(files: readonly ValidatedFile[], pen: ChalkInstance): string {
  const blocks = files.flatMap((file) =>
    file.findings.length === 0
      ? [`${visible(file.name)}: ${pen.green('valid')}`]
      : equalFindings(file.findings).map((findings) => describe(file, findings, pen)),
  );
  return `${blocks.join('\n').trimEnd()}\n${summarise(files, pen)}`;
}

function summarise(files: readonly ValidatedFile[], pen: ChalkInstance): string {
  const findings = files.flatMap((file) => file.findings);
  const first = findings.find(({ severity }) => severity === 'error') ?? findings[0];
  if (files.length === 1 && !first) return '';
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const counts = [
    plural(files.length, 'file'),
    plural(errors, 'error'),
    plural(findings.length - errors, 'warning'),
  ].join(', ');
  const summary = files.every(({ valid }) => valid) ? pen.green(counts) : pen.red(counts);
  const more = first ? `${pen.dim(`More about a rule:  spacelift-slack explain ${first.rule}`)}\n` : '';
  return `\n${summary}\n${more}`;
}

type Findings = readonly [Finding, ...Finding[]];

/** Groups the findings that differ in their place alone, in the order of their first. */
function equalFindings(findings: readonly Finding[]): readonly Findings[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const { severity, rule, message, hint } = finding;
    const key = JSON.stringify([severity, rule, message, hint]);
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  return [...groups.values()];
}

function describe(
  { name, lines }: ValidatedFile,
  [finding, ...others]: Findings,
  pen: ChalkInstance,
): string {
  const { line, column, severity, rule, message, hint } = finding;
  const place = `${visible(name)}:${line}:${column}`;
  const label = severity === 'error' ? pen.red('error') : pen.yellow('warning');
  return [
    `${pen.bold(place)} ${label} ${visible(message)} ${pen.dim(`[${rule}]`)}`,
    ...(finding.at === 'file' ? [] : source(lines.text(line), finding, pen)),
    ...(others.length > 0 ? [`  ${alsoAt(others)}`] : []),
    `  ${visible(hint)}`,
    '',
  ].join('\n');
}

function alsoAt(findings: readonly Finding[]): string {
  const places = findings.slice(0, maxPlaces).map(({ line, column }) => `${line}:${column}`);
  const more = findings.length - places.length;
  return `Also at ${places.join(', ')}${more > 0 ? ` and ${more} more places` : ''}.`;
}

function source(text: string, { line, column }: Finding, pen: ChalkInstance): readonly string[] {
  const number = String(line);
  const { text: shown, caret } = excerpt(maskSecrets(text), column);
  return [
    `  ${pen.dim(`${number} |`)} ${shown}`,
    `  ${pen.dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(caret)}${pen.cyan('^')}`,
  ];
}

interface Excerpt {
  readonly text: string;
  /** How many columns of the terminal precede the place. */
  readonly caret: number;
}

/** The part of a line around a column. A tab is shown as one space, so that the caret is under the place. */
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

let segmenter: Intl.Segmenter | undefined;

/** What a person sees as one character each. */
function graphemesOf(text: string): string[] {
  // Made at the first finding: it takes some milliseconds.
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Most of a manifest is ASCII, of which the width is known. */
function isAscii(grapheme: string): boolean {
  return grapheme.length === 1 && grapheme <= '~';
}

/** As many from the front as fit in so many columns of a terminal. */
function fitting(graphemes: readonly string[], columns: number): string[] {
  let width = 0;
  const beyond = graphemes.findIndex((grapheme) => {
    width += isAscii(grapheme) ? 1 : stringWidth(grapheme);
    return width > columns;
  });
  return graphemes.slice(0, beyond === -1 ? undefined : beyond);
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
