import type { ChalkInstance } from 'chalk';
import { isObject, type JsonValue, keysOf } from '../../json-value.ts';
import { isSecretName, maskSecrets } from '../../text/mask-secrets.ts';
import { visible } from '../../text/visible.ts';
import type { Change } from '../diff.ts';

/** The differences for people: the change, its place, and what the difference does. Secrets are masked. */
export function diffAsText(changes: readonly Change[], names: DiffNames, pen: ChalkInstance): string {
  if (changes.length === 0)
    return `${visible(names.actual)} ${pen.green('matches')} ${visible(names.wanted)}\n`;
  const blocks = changes.map(masked).map((change) => `${describe(change, pen)}\n    ${change.effect}\n`);
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return `${pen.bold(`${visible(names.actual)} needs ${count} to match ${visible(names.wanted)}`)}\n\n${blocks.join('\n')}`;
}

export interface DiffNames {
  /** What is compared: the name of a file, or the id of an app. */
  readonly actual: string;
  /** What it is compared with: a domain, or the name of another file. */
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

/** The differences for programs: `{"equal","changes":[{"kind","pointer","from","to","effect"}]}`. Secrets are masked. */
export function diffAsJson(changes: readonly Change[]): string {
  return `${JSON.stringify({ equal: changes.length === 0, changes: changes.map(masked) }, null, 2)}\n`;
}

function masked(change: Change): Change {
  const { pointer, from, to } = change;
  const name = keysOf(pointer).findLast((key) => !/^(?:\d+|-)$/.test(key)) ?? '';
  return {
    ...change,
    pointer: maskSecrets(pointer),
    ...(from === undefined ? {} : { from: maskValue(from, name) }),
    ...(to === undefined ? {} : { to: maskValue(to, name) }),
  };
}

/** Masks every string that looks like a secret, or belongs to a key that is named like one. */
function maskValue(value: JsonValue, name: string): JsonValue {
  if (typeof value === 'string') return isSecretName(name) ? '*'.repeat(value.length) : maskSecrets(value);
  if (Array.isArray(value)) return value.map((item: JsonValue) => maskValue(item, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [maskSecrets(key), maskValue(item, key)]),
  );
}
