import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { UserError } from '../user-error.ts';
import { isGlobal } from './global-options.ts';

/**
 * Rejects an option that stands before a subcommand: it belongs to the command above, which does not run, so it would
 * be ignored.
 *
 * @param command the one that is about to run
 * @throws UserError `option-misplaced`
 */
export function rejectMisplacedOption(command: CommandUnknownOpts): void {
  for (let above = command.parent; above; above = above.parent) {
    const { options } = above;
    const misplaced = options.find(
      (option) => !isGlobal(option) && above?.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (!misplaced) continue;
    const name = fullName(command);
    const isKnown = command.options.some(({ long }) => long === misplaced.long);
    throw new UserError('option-misplaced', `${misplaced.long} has no effect before the subcommand`, {
      hint: isKnown
        ? `Put it after the subcommand: ${name} ${misplaced.flags}`
        : `Leave it out: ${name} does not have it.`,
      exitCode: 2,
    });
  }
}

/** A command's name with those of the commands above it, as it is typed. */
function fullName(command: CommandUnknownOpts): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
