import { isObject } from '../json-value.ts';

/** A JSON object that came from outside: nothing is known about what it holds. */
export type Fields = Readonly<Record<string, unknown>>;

/** A value as an object, where it is one. */
export function fields(value: unknown): Fields | undefined {
  return isObject(value) ? value : undefined;
}

/** A value as text, where it is some. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A value as one of Slack's ids or types: printable ASCII without blanks, of a length that a table can index. */
export function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}
