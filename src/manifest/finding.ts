import type { Pointer } from '../json-value.ts';
import { findRule, type RuleId } from './rules/catalogue.ts';
import type { Rule, Severity, Violation } from './rules/rule.ts';

/** A violation with its rule, before its place is looked up in the file. */
export interface Remark {
  readonly rule: string;
  readonly severity: Severity;
  /** The offending value, or the object that lacks a key. */
  readonly pointer: Pointer;
  /** What is wrong, without a full stop. */
  readonly message: string;
  /** What to do about it, as a sentence. */
  readonly hint: string;
  /** What is wrong: the key at the pointer, or the whole file; the value if absent. */
  readonly at?: Violation['at'];
}

/** A remark with its place in the file. */
export interface Finding extends Remark {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

/** Reports a violation under a rule, whose severity and fix hold unless the violation has its own. */
export function toRemark(rule: Rule, { severity, hint, ...violation }: Violation): Remark {
  return { rule: rule.id, severity: severity ?? rule.severity, hint: hint ?? rule.fix, ...violation };
}

/** Reports a violation that the reader of the file or the JSON schema found. */
export function remark(id: RuleId, violation: Violation): Remark {
  const rule = findRule(id);
  if (!rule) throw new Error(`there is no rule ${id}`);
  return toRemark(rule, violation);
}
