import { type JsonValue, keysOf, type Pointer } from '../../json-value.ts';
import { type Remark, remark } from '../finding.ts';
import type { RuleId } from '../rules/catalogue.ts';
import type { Violation } from '../rules/rule.ts';

export type SourceFormat = 'json' | 'yaml';

/** Where a value is in the text, with all that is in it; offsets in UTF-16 units. */
export interface Place {
  readonly value: number;
  /** The key that it belongs to. */
  readonly key?: number;
  /** Whether it is a YAML string in quotes or a block, which every reader takes for a string. */
  readonly quoted?: boolean;
  /** The places of its parts, by key or index; of a repeated key the last. */
  readonly parts: Map<string, Place>;
}

/** The place of a value whose parts are not known yet. */
export function place(value: number, key?: number, quoted = false): Place {
  return { value, ...(key === undefined ? {} : { key }), quoted, parts: new Map() };
}

/** Something wrong with the text itself, before its meaning is checked. */
export interface SourceProblem extends Remark {
  readonly offset: number;
}

/** A manifest file that was read. */
interface SourceDocument {
  readonly format: SourceFormat;
  readonly value: JsonValue;
  /** Finds out where the value is, and each part of it. */
  readonly locate: () => Promise<Place>;
  /** Whether the string at a pointer is in quotes: no reader takes it for anything else. */
  readonly isQuoted: (pointer: Pointer) => boolean;
}

/** The offset of a remark's value or key, or of the nearest part around it that the file has. */
export function offsetOf({ pointer, at }: Pick<Remark, 'pointer' | 'at'>, whole: Place): number {
  let found = whole;
  for (const key of keysOf(pointer)) {
    const part = found.parts.get(key);
    if (!part) return found.value;
    found = part;
  }
  return at === 'key' ? (found.key ?? found.value) : found.value;
}

export type SourceReading =
  | { readonly ok: true; readonly document: SourceDocument; readonly problems: readonly SourceProblem[] }
  | { readonly ok: false; readonly problems: readonly SourceProblem[] };

/** Why a text cannot be read as a manifest at all. */
export interface TextProblem extends Omit<Violation, 'pointer' | 'severity'> {
  readonly rule: RuleId;
  readonly offset: number;
}

/** Ends the reading of a text from deep within. */
export class Unreadable extends Error {
  readonly problem: TextProblem;

  constructor(problem: TextProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** A text that cannot be read any further. */
export function unreadable({ rule, offset, ...violation }: TextProblem): SourceReading {
  return { ok: false, problems: [problem(rule, offset, { pointer: '', ...violation })] };
}

/** A violation that the reader of the text found at an offset. */
export function problem(rule: RuleId, offset: number, violation: Violation): SourceProblem {
  return { ...remark(rule, violation), offset };
}

/** Real manifests nest seven levels deep. */
export const maxDepth = 64;

/** The problem of a text that nests deeper than {@link maxDepth}. */
export function tooDeep(offset: number): TextProblem {
  return { rule: 'too-deep', message: `the file nests more than ${maxDepth} levels deep`, offset };
}

/** Slack's longest array, of redirect URLs, has as many. It also bounds the number of findings. */
export const maxItems = 1_000;

/** The problem of a text with too many items. */
export function tooManyItems(offset: number): TextProblem {
  return {
    rule: 'too-large',
    message: `an array has more than ${maxItems} items`,
    hint: 'Shorten it: no array of a manifest can be longer.',
    offset,
  };
}

/** The problem of a key that its object has already. */
export function duplicateKey(key: string, pointer: Pointer, offset: number): SourceProblem {
  return problem('duplicate-key', offset, { pointer, message: `the key "${key}" is repeated` });
}
