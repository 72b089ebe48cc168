import type { Pointer } from '../json-value.ts';
import type { RuleId } from './rules/catalogue.ts';

export type Severity = 'error' | 'warning';

/** What a rule says of a place in a manifest, before the place is looked up in the file. */
export interface Remark {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** The offending value, or the object that lacks a key. */
  readonly pointer: Pointer;
  readonly message: string;
  /** What to do about it, as one sentence. */
  readonly hint: string;
  /** True where the key is at fault, and not its value: an unknown or repeated one. */
  readonly atKey?: boolean;
}

/** A remark with its place in the file; line and column are 1-based, columns count UTF-16 units. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly pointer: Pointer;
  readonly message: string;
  readonly hint: string;
  readonly line: number;
  readonly column: number;
}
