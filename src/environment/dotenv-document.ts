import { parseEnv } from 'node:util';
import { parse } from 'dotenv';
import { UserError } from '../user-error.ts';

/** An assignment in the text; positions are indices into the text. */
interface Assignment {
  readonly key: string;
  /** Its whole lines, including the last line break. */
  readonly start: number;
  readonly end: number;
  /** The value with its quotes, without surrounding spaces. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface DotenvChange {
  readonly text: string;
  /** The keys that were assigned more than once; only the first assignment is left. */
  readonly repeated: readonly string[];
}

/**
 * Sets variables in the text of a dotenv file. A value is replaced in place, later assignments of the same key are
 * removed, and new keys are appended. Every other byte stays.
 *
 * @param text the bytes of the file, one character each ("latin1"), so that bytes that are not UTF-8 are kept
 * @param values written as UTF-8
 * @throws UserError `value-unwritable` if a value cannot be quoted
 */
export function setVariables(text: string, values: Readonly<Record<string, string>>): DotenvChange {
  const assignments = findAssignments(text);
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  const repeated: string[] = [];
  const appended: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    const encoded = Buffer.from(encodeValue(key, value)).toString('latin1');
    const [first, ...others] = assignments.filter((assignment) => assignment.key === key);
    if (!first) {
      appended.push(`${key}=${encoded}`);
      continue;
    }
    const { valueStart, valueEnd } = first;
    const gap = text[valueEnd] === '#' ? ' ' : '';
    edits.push({ start: valueStart, end: valueEnd, text: encoded + gap });
    for (const { start, end } of others) edits.push({ ...lineWithBreak(text, start, end), text: '' });
    if (others.length > 0) repeated.push(key);
  }
  let changed = text;
  for (const edit of edits.sort((a, b) => b.start - a.start || b.end - a.end)) {
    changed = changed.slice(0, edit.start) + edit.text + changed.slice(edit.end);
  }
  return { text: append(changed, appended), repeated };
}

/** For a last line without a line break, the range includes the break before it, so that the file still ends without one. */
function lineWithBreak(text: string, start: number, end: number): { start: number; end: number } {
  if (/[\r\n]$/.test(text.slice(start, end))) return { start, end };
  const before = /\r?\n$|\r$/.exec(text.slice(0, start))?.[0].length ?? 0;
  return { start: start - before, end };
}

function append(text: string, lines: readonly string[]): string {
  if (lines.length === 0) return text;
  const lineBreak = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const added = lines.join(lineBreak);
  if (text === '' || /[\r\n]$/.test(text)) return text + added + lineBreak;
  return text + lineBreak + added;
}

const line = {
  /** The key and its separator, after an optional byte order mark. */
  head: /(?:\xef\xbb\xbf)?[ \t\v\f]*(?:export[ \t\v\f]+)?([\w.-]+)(?:[ \t\v\f]*=|:[ \t\v\f])/y,
  /** Quoted text, possibly over several lines, followed by nothing but a comment. */
  quoted: /[ \t\v\f\r\n]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`)(?=[ \t\v\f]*(?:[#\r\n]|$))/y,
  /** Up to a comment, without surrounding spaces. Not `\s`: it would match the second byte of some characters. */
  plain: /([ \t\v\f]*)([^#\r\n]*?)[ \t\v\f]*(?=[#\r\n]|$)/y,
  rest: /[^\r\n]*(?:\r\n|\n|\r|$)/y,
};

/** Finds the assignments that dotenv sees. */
function findAssignments(text: string): Assignment[] {
  const assignments: Assignment[] = [];
  const match = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (let start = 0, end = 0; start < text.length; start = end) {
    const head = match(line.head, start);
    const key = head?.[1];
    if (!head || key === undefined) {
      end = start + (match(line.rest, start)?.[0].length ?? 0);
      continue;
    }
    const value = findValue(match, start + head[0].length);
    end = value.valueEnd + (match(line.rest, value.valueEnd)?.[0].length ?? 0);
    assignments.push({ key, start, end, ...value });
  }
  return assignments;
}

function findValue(
  match: (pattern: RegExp, at: number) => RegExpExecArray | null,
  at: number,
): { valueStart: number; valueEnd: number } {
  const quoted = match(line.quoted, at);
  if (quoted) {
    const [whole, value = ''] = quoted;
    const valueEnd = at + whole.length;
    const beginsOnThisLine = !/[\r\n]/.test(whole.slice(0, -value.length));
    return { valueStart: beginsOnThisLine ? valueEnd - value.length : at, valueEnd };
  }
  const [, blanks = '', value = ''] = match(line.plain, at) ?? [];
  const valueStart = value === '' ? at : at + blanks.length;
  return { valueStart, valueEnd: valueStart + value.length };
}

/**
 * Quotes a value for a dotenv file. The format has no escape for quotes, and parsers differ: the first way of quoting is
 * used that dotenv and Node both read back correctly.
 *
 * @throws UserError `value-unwritable`
 */
export function encodeValue(key: string, value: string): string {
  const quoted = [`'${value}'`, `"${value}"`, `\`${value}\``];
  const isPlain = /^[\w.:/@%+,-]+$/.test(value);
  for (const encoded of isPlain ? [value, ...quoted] : [...quoted, value]) {
    const probe = `${key}=${encoded}\nNEXT='${encoded.length}'\n`;
    const readsTheSame = (read: Readonly<Record<string, string | undefined>>) =>
      read[key] === value && read['NEXT'] === `${encoded.length}`;
    if (readsTheSame(parse(probe)) && readsTheSame(parseEnv(probe))) return encoded;
  }
  throw new UserError(
    'value-unwritable',
    `the value of ${key} cannot be written to a dotenv file: it cannot be quoted`,
    {
      hint: 'Check the value: those of Slack contain only digits, letters and a dot. Other formats can hold it.',
      exitCode: 2,
    },
  );
}
