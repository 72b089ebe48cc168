/** What a failed command ends with: 2 for wrong use or input, 3 for work that could not be done or finished. */
export type FailureCode = 2 | 3;

export interface UserErrorDetails {
  /** What to do about it, as one sentence. */
  readonly hint: string;
  readonly exitCode: FailureCode;
  /** The underlying failure, shown with `--verbose` only. */
  readonly cause?: unknown;
}

/**
 * An expected failure: something the person who runs the program caused or can mend. It is shown as one line of
 * what happened and one of what to do. Any other error that reaches the top is a bug.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: string;
  readonly hint: string;
  readonly exitCode: FailureCode;

  /**
   * @param code stable, kebab-case; scripts match on it
   * @param message what happened, without a trailing full stop
   */
  constructor(code: string, message: string, details: UserErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.exitCode = details.exitCode;
  }
}
