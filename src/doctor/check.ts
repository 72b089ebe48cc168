import type { CheckId } from './catalogue/catalogue.ts';
import type { Subject, Surroundings } from './subject.ts';

export type Status = 'pass' | 'warn' | 'fail' | 'skip';

/** How a check ended. Its texts hold no secret; what they quote from elsewhere went through `quote`. */
export interface CheckResult {
  /** `skip` if it could not look; `detail` then says why. */
  readonly status: Status;
  /** What is so, or what is wrong, without a full stop. */
  readonly detail: string;
  /** What to do about it, as a sentence. */
  readonly hint?: string;
  /** True if a value that was given to doctor is at fault: repeating the run changes nothing. */
  readonly inputAtFault?: true;
}

/** What a check does. What is published about it is in the catalogue. */
export type Check = DomainCheck | OtherCheck;

interface AnyCheck {
  readonly id: CheckId;
  /** The check runs only if these have passed, warned or skipped. */
  readonly needs: readonly CheckId[];
  /**
   * If given, the check starts as soon as these have passed, side by side with its other needs, which saves round
   * trips. Its result counts only once all its needs have passed.
   */
  readonly startsAfter?: readonly CheckId[];
  /**
   * Set if the check connects to the endpoint, so that it can report why no connection was made. The one with the
   * highest rank in a run does, the first of several; the others skip.
   */
  readonly connectionReportRank?: number;
  /** False if it looks at values and files alone. */
  readonly network: boolean;
}

/** A check of the deployment at the domain. */
interface DomainCheck extends AnyCheck {
  readonly needsDomain?: true;
  run(subject: Subject): Promise<CheckResult>;
}

/** A check of something else, such as a variable or Slack: a run without a domain has it too. */
interface OtherCheck extends AnyCheck {
  readonly needsDomain: false;
  run(subject: Surroundings): Promise<CheckResult>;
}

/** The results of a check. `detail` states what was found, `hint` what to do, as a sentence. */
export const pass = (detail: string): CheckResult => ({ status: 'pass', detail });
export const warn = (detail: string, hint: string): CheckResult => ({ status: 'warn', detail, hint });
export const fail = (detail: string, hint: string): CheckResult => ({ status: 'fail', detail, hint });
export const skip = (detail: string, hint?: string): CheckResult =>
  hint === undefined ? { status: 'skip', detail } : { status: 'skip', detail, hint };

const severity: Record<Status, number> = { fail: 3, warn: 2, pass: 1, skip: 0 };

/** Orders results from the worst to the least. */
export const worstFirst = (a: { readonly status: Status }, b: { readonly status: Status }): number =>
  severity[b.status] - severity[a.status];
