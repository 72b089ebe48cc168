import type { CheckId } from './catalogue/catalogue.ts';
import type { Subject } from './subject.ts';

export type Status = 'pass' | 'warn' | 'fail' | 'skip';

/** What a check saw. Its texts hold no secret; what they quote from elsewhere went through `quote`. */
export interface Finding {
  /** `skip` where it could not look; then `detail` says why. */
  readonly status: Status;
  /** What is so, or what is wrong, without a full stop. */
  readonly detail: string;
  /** What to do about it, as a sentence. */
  readonly hint?: string;
}

export interface Check {
  readonly id: CheckId;
  /** The checks without whose success this one would only repeat their complaint. */
  readonly needs: readonly CheckId[];
  /**
   * Where given, it looks as soon as these have passed, side by side with its other needs, which saves round trips.
   * What it saw counts only once all its needs have passed.
   */
  readonly looksAfter?: readonly CheckId[];
  /**
   * Set if the check can report why no connection was made. The one with the highest rank in a run does, the first of
   * several; the others skip.
   */
  readonly connectionReportRank?: number;
  /** False where it looks at values and files alone. */
  readonly network: boolean;
  run(subject: Subject): Promise<Finding>;
}

export const pass = (detail: string): Finding => ({ status: 'pass', detail });
export const warn = (detail: string, hint: string): Finding => ({ status: 'warn', detail, hint });
export const fail = (detail: string, hint: string): Finding => ({ status: 'fail', detail, hint });
export const skip = (detail: string, hint?: string): Finding =>
  hint === undefined ? { status: 'skip', detail } : { status: 'skip', detail, hint };

const severity: Record<Status, number> = { fail: 3, warn: 2, pass: 1, skip: 0 };

/** Orders findings from the worst to the least. */
export const worstFirst = (a: { readonly status: Status }, b: { readonly status: Status }): number =>
  severity[b.status] - severity[a.status];
