import { parseEnv } from 'node:util';
import { parse } from 'dotenv';
import { UserError } from '../user-error.ts';

/** An assignment as it stands in the text; positions are indices into it. */
interface Assignment {
  readonly key: string;
  /** The whole of its lines, with the last line break. */
  readonly start: number;
  readonly end: number;
  /** The value with its quotes, without the blanks around it. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface DotenvChange {
  readonly text: string;
  /** The keys that stood there more than once, and do no longer. */
  readonly repeated: readonly string[];
}

/**
 * Sets variables in the text of a dotenv file. A value is replaced where it stands, later assignments of the same
 * key go, and new keys are appended; every other byte stays.
 *
 * @param text the file's bytes, one character each ("latin1"), so that bytes in no known encoding survive as well
 * @param values written as UTF-8
 * @throws UserError `value-unwritable` where no way of quoting suits a value
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

/** A last line without a line break takes the one before it along, so that the file still ends without one. */
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
  /** The key and its separator; a byte order mark may stand before the first one. */
  head: /(?:\xef\xbb\xbf)?[ \t\v\f]*(?:export[ \t\v\f]+)?([\w.-]+)(?:[ \t\v\f]*=|:[ \t\v\f])/y,
  /** Quoted text, over several lines if need be, that nothing but a comment follows. */
  quoted: /[ \t\v\f\r\n]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`)(?=[ \t\v\f]*(?:[#\r\n]|$))/y,
  /** Up to a comment, without the blanks around it: `\s` would take the second half of a letter for one. */
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
    const beganOnThisLine = !/[\r\n]/.test(whole.slice(0, -value.length));
    return { valueStart: beganOnThisLine ? valueEnd - value.length : at, valueEnd };
  }
  const [, blanks = '', value = ''] = match(line.plain, at) ?? [];
  const valueStart = value === '' ? at : at + blanks.length;
  return { valueStart, valueEnd: valueStart + value.length };
}

/**
 * Quotes a value for a dotenv file. The format has no escape for a quote, and readers differ, so the readers
 * themselves (dotenv and Node's own) decide which way of quoting is right.
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
    `the value of ${key} cannot be written in a dotenv file: no quotes suit it`,
    {
      hint: 'Check the value: those that Slack gives hold digits, letters and a dot at most. Other forms can hold it.',
      exitCode: 2,
    },
  );
}
