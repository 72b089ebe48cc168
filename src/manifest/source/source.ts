import { type JsonValue, keysOf, type Pointer } from '../../json-value.ts';
import type { Remark } from '../finding.ts';

export type SourceFormat = 'json' | 'yaml';

/** Where a value stands in the text, with all that is in it; offsets in UTF-16 units. */
export interface Place {
  readonly value: number;
  /** The key that it belongs to. */
  readonly key?: number;
  /** True for a YAML text in quotes or a block, which no reader takes for anything else. */
  readonly quoted?: boolean;
  /** The places of its parts, by key or index; the last one counts where a key stands twice. */
  readonly parts: Map<string, Place>;
}

/** The place of a value, in which its parts are yet to be noted. */
export function place(value: number, key?: number, quoted = false): Place {
  return { value, ...(key === undefined ? {} : { key }), quoted, parts: new Map() };
}

/** Something wrong with the text itself, before anybody asks what it means. */
export interface SourceProblem extends Omit<Remark, 'atKey'> {
  readonly offset: number;
}

/** A manifest file, read: its value and where each part of it stands. */
export interface SourceDocument {
  readonly format: SourceFormat;
  readonly value: JsonValue;
  readonly place: Place;
}

/** The place that a remark is about: its value's or its key's, or the nearest part around it that the file has. */
export function offsetOf(
  { pointer, atKey }: Pick<Remark, 'pointer' | 'atKey'>,
  document: SourceDocument,
): number {
  let at = document.place;
  for (const key of keysOf(pointer)) {
    const part = at.parts.get(key);
    if (!part) return at.value;
    at = part;
  }
  return atKey ? (at.key ?? at.value) : at.value;
}

/** Whether the text at a pointer stands in quotes. */
export function isQuoted(pointer: Pointer, document: SourceDocument): boolean {
  let at: Place | undefined = document.place;
  for (const key of keysOf(pointer)) at = at?.parts.get(key);
  return at?.quoted ?? false;
}

export type SourceReading =
  | { readonly ok: true; readonly document: SourceDocument; readonly problems: readonly SourceProblem[] }
  | { readonly ok: false; readonly problems: readonly SourceProblem[] };

/** What keeps a text from being read as a manifest at all. */
export type TextProblem = Omit<SourceProblem, 'severity' | 'pointer'>;

/** Ends the reading of a text from deep within. */
export class Unreadable extends Error {
  readonly problem: TextProblem;

  constructor(problem: TextProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** A text that cannot be read any further. */
export function unreadable(problem: TextProblem): SourceReading {
  return { ok: false, problems: [{ ...problem, severity: 'error', pointer: '' }] };
}

/** Real manifests nest seven levels; beyond this nothing sensible is left to be said. */
export const maxDepth = 64;

export function tooDeep(offset: number): TextProblem {
  return {
    rule: 'too-deep',
    message: `the file nests more than ${maxDepth} levels deep`,
    hint: 'A manifest needs about seven levels: check for brackets or dashes that were never meant to be there.',
    offset,
  };
}

/** Slack's longest list, of redirect URLs, has as many. More findings than that would help nobody. */
export const maxItems = 1_000;

export function tooManyItems(offset: number): TextProblem {
  return {
    rule: 'too-large',
    message: `a list has more than ${maxItems} items`,
    hint: 'No list of a manifest may: shorten it.',
    offset,
  };
}

export function duplicateKey(key: string, pointer: Pointer, offset: number): SourceProblem {
  return {
    rule: 'duplicate-key',
    severity: 'error',
    pointer,
    message: `the key "${key}" stands here a second time`,
    hint: 'Keep one of the two: readers differ in which of them counts.',
    offset,
  };
}
