import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { GlobalOptions } from '../terminal/terminal.ts';

const group = 'Global options:';

const noColor = new Option('--no-color', 'print no colours [env: NO_COLOR]').helpGroup(group);
// Its value would be `color`, which is also the name of the manifest's background.
noColor.attributeName = () => 'colours';

const globalOptions = [
  noColor,
  new Option('-q, --quiet', 'print results, warnings and errors only').helpGroup(group),
  new Option('-v, --verbose', 'print more, such as the cause of a failure').helpGroup(group),
  new Option('--no-input', 'never prompt; fail if input is missing').helpGroup(group),
];

/** The option that prints a command's help; every command inherits it from the program. */
export const helpOption = new Option('-h, --help', 'show this help').helpGroup(group);

/**
 * Adds the options that mean the same everywhere to a command and its subcommands. Options are positional, so each
 * command needs its own. They are added last: the help shows them below the command's own.
 */
export function addGlobalOptions(command: CommandUnknownOpts): void {
  for (const option of globalOptions) command.addOption(option);
  command.commands.forEach(addGlobalOptions);
}

/** Whether every command has the option. */
export function isGlobal(option: Option): boolean {
  return globalOptions.includes(option);
}

/** The global options after parsing, on whichever level of the command line they were given. */
export function readGlobalOptions(program: CommandUnknownOpts): GlobalOptions {
  const given = optionsBelow(program);
  return {
    color: given.every((options) => options['colours'] !== false),
    quiet: given.some((options) => options['quiet'] === true),
    verbose: given.some((options) => options['verbose'] === true),
    input: given.every((options) => options['input'] !== false),
  };
}

function optionsBelow(command: CommandUnknownOpts): Readonly<Record<string, unknown>>[] {
  return [command.opts(), ...command.commands.flatMap(optionsBelow)];
}
