import type { Terminal } from '../terminal/terminal.ts';
import { visible } from '../text/visible.ts';
import type { UserError } from '../user-error.ts';

/**
 * Shows an expected failure: one line of what happened, one of what to do; with `--verbose` the causes.
 *
 * @param json whether `--format json` was given: then stdout gets the failure as JSON too
 */
export function showFailure(error: UserError, terminal: Terminal, json: boolean): void {
  if (json) {
    const { code, message, hint } = error;
    terminal.result(`${JSON.stringify({ error: { code, message, hint } }, null, 2)}\n`);
  }
  terminal.error(`error: ${visible(error.message)}`);
  terminal.error(`hint: ${visible(error.hint)}`);
  for (
    let cause = error.cause;
    cause !== undefined;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    terminal.detail(`cause: ${visible(cause instanceof Error ? cause.message : String(cause))}`);
  }
}
