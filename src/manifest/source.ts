import type { Remark } from './finding.ts';
import type { JsonValue, Pointer } from './json-value.ts';

export type SourceFormat = 'json' | 'yaml';

/** Where a value stands in the text, and the key that it belongs to; offsets in UTF-16 units. */
export interface Place {
  readonly value: number;
  readonly key?: number;
}

/** Something wrong with the text itself, before anybody asks what it means. */
export interface SourceProblem extends Omit<Remark, 'atKey'> {
  readonly offset: number;
}

/** A manifest file, read: its value and where each part of it stands. */
export interface SourceDocument {
  readonly format: SourceFormat;
  readonly value: JsonValue;
  readonly places: ReadonlyMap<Pointer, Place>;
}

export type SourceReading =
  | { readonly ok: true; readonly document: SourceDocument; readonly problems: readonly SourceProblem[] }
  | { readonly ok: false; readonly problems: readonly SourceProblem[] };

/** A text that cannot be read any further. */
export function unreadable(problem: Omit<SourceProblem, 'severity' | 'pointer'>): SourceReading {
  return { ok: false, problems: [{ ...problem, severity: 'error', pointer: '' }] };
}

/** Real manifests nest seven levels; beyond this nothing sensible is left to be said. */
export const maxDepth = 64;

export function tooDeep(offset: number): Omit<SourceProblem, 'severity' | 'pointer'> {
  return {
    rule: 'too-deep',
    message: `the file nests more than ${maxDepth} levels deep`,
    hint: 'A manifest needs about seven levels: check for brackets or dashes that were never meant to be there.',
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
