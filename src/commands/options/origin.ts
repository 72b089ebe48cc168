import type { Context } from '../../cli/context.ts';
import type { Setting } from '../../environment/settings.ts';
import { UserError } from '../../user-error.ts';

/** What a command changes with a value, and whether a person confirms it first. */
export interface ChangeOfApp {
  /** The command, such as `app update`. */
  readonly command: string;
  /** Whether `--yes` was given. */
  readonly yes: boolean;
}

/**
 * Reports a value that a file of the folder supplies, which someone else may have written. A command that changes the
 * app shows it before; where no person confirms the change, it refuses the value.
 *
 * @param what the value in the message, such as `the app id`
 * @param instead what to pass in its place, as it is typed
 * @param change undefined for a command that changes nothing
 * @throws UserError `value-from-folder`
 */
export function reportOrigin(
  { value, source, file }: Setting,
  { what, instead }: { readonly what: string; readonly instead: string },
  { terminal }: Pick<Context, 'terminal'>,
  change: ChangeOfApp | undefined,
): void {
  if (file === undefined) return;
  if (change === undefined) {
    if (file === 'project') terminal.detail(`${what} is ${value} (${source})`);
  } else if (change.yes || !terminal.interactive) {
    const reason = change.yes ? 'with --yes' : 'without a terminal';
    throw new UserError(
      'value-from-folder',
      `${source} names ${what} ${value}: ${reason}, ${change.command} takes it only from an option or the process environment`,
      { hint: `Pass ${instead}.`, exitCode: 2 },
    );
  } else {
    terminal.warn(`${what} ${value} comes from ${source}`);
  }
}
