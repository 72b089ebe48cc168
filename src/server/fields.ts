import { isObject } from '../json-value.ts';

/** A JSON object from outside: the types of its values are unknown. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value, if it is an object. */
export function fields(value: unknown): Fields | undefined {
  return isObject(value) ? value : undefined;
}

/** The value, if it is a string. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value, if it can be one of Slack's ids or types: printable ASCII without blanks, short enough for an index. */
export function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}
