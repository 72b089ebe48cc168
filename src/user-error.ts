/** The exit code of a failed command: 2 for wrong use or input, 3 for work that could not be done or finished. */
export type FailureCode = 2 | 3;

export interface UserErrorDetails {
  /** What to do, as one sentence that starts with a verb. */
  readonly hint: string;
  readonly exitCode: FailureCode;
  /** The underlying error, shown with `--verbose` only. */
  readonly cause?: unknown;
}

/**
 * An expected failure: something that the user caused or can fix. It is shown as one line of what happened and one of
 * what to do. Any other error that reaches `main` is a bug.
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
