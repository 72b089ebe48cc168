import type { ChalkInstance } from 'chalk';
import type { JsonValue } from '../../json-value.ts';
import { visible } from '../../text/visible.ts';
import type { Change } from '../diff.ts';

/** The differences for people: what would have to be done, where, and what the difference does. */
export function diffAsText(changes: readonly Change[], names: DiffNames, pen: ChalkInstance): string {
  if (changes.length === 0) return `${visible(names.actual)} ${pen.green('is')} what ${names.wanted} needs\n`;
  const blocks = changes.map((change) => `${describe(change, pen)}\n    ${change.effect}\n`);
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return `${pen.bold(`To make ${visible(names.actual)} what ${names.wanted} needs: ${count}`)}\n\n${blocks.join('\n')}`;
}

export interface DiffNames {
  /** What is compared: a file's name, or an app's id. */
  readonly actual: string;
  /** What it is compared with: the domain. */
  readonly wanted: string;
}

function describe({ kind, pointer, from, to }: Change, pen: ChalkInstance): string {
  const at = visible(pointer === '' ? '(whole document)' : pointer);
  if (kind === 'added') return pen.green(`+ ${at}: ${show(to)}`);
  if (kind === 'removed') return pen.red(`- ${at}: ${show(from)}`);
  return pen.yellow(`~ ${at}: ${show(from)} -> ${show(to)}`);
}

function show(value: JsonValue | undefined): string {
  const text = visible(JSON.stringify(value) ?? '');
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** The differences for programs: `{"equal":…,"changes":[{"kind","pointer","from","to","effect"}]}`. */
export function diffAsJson(changes: readonly Change[]): string {
  return `${JSON.stringify({ equal: changes.length === 0, changes }, null, 2)}\n`;
}
