import type { CommanderError, CommandUnknownOpts } from '@commander-js/extra-typings';
import { nearest } from '../text/nearest.ts';
import { UserError } from '../user-error.ts';

/**
 * A usage error in our own form: commander's words for what happened, and the nearest match or the help to read.
 *
 * @param program after parsing
 * @param args what was given to it
 */
export function wrongUse(
  error: CommanderError,
  program: CommandUnknownOpts,
  args: readonly string[],
): UserError {
  const path = reached(program);
  const command = path.at(-1) ?? program;
  const seeHelp = `See ${path.map((one) => one.name()).join(' ')} --help for what there is.`;
  const [first = '', ...rest] = error.message.split('\n');
  const message = first.replace(/^error: /, '').replace(/\.$/, '');
  const similar = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(rest.join(' '))?.[1]?.split(', ') ?? [];
  const wrong = (code: string, what: string, meant: string | undefined) =>
    new UserError(code, what, { hint: meant ? `Did you mean ${meant}?` : seeHelp, exitCode: 2 });

  if (error.code === 'commander.help') {
    const unknown = args[0] === 'help' ? args[1] : undefined;
    return unknown === undefined
      ? wrong('command-missing', 'no command was given', undefined)
      : wrong('usage-unknown-command', `unknown command '${unknown}'`, nearest(unknown, names(program)));
  }
  // A command that does something by itself takes a mistyped subcommand for an argument too many.
  const [extra] = command.args;
  if (error.code === 'commander.excessArguments' && command.commands.length > 0 && extra !== undefined) {
    return wrong(
      'usage-unknown-command',
      `unknown command '${command.name()} ${extra}'`,
      nearest(extra, names(command)),
    );
  }
  const choices = /'([^']*)' is invalid.* Allowed choices are (.*)$/.exec(message);
  const meant = choices
    ? nearest(choices[1] ?? '', choices[2]?.split(', ') ?? [])
    : nearestOf(similar, /'([^']*)'/.exec(message)?.[1] ?? '');
  return wrong(`usage-${kebabCase(error.code.replace('commander.', ''))}`, message, meant);
}

/** Of what commander finds similar, which is a lot, that which was meant. */
function nearestOf(similar: readonly string[], given: string): string | undefined {
  const bare = (name: string) => name.replace(/^-+/, '');
  const meant = nearest(bare(given), similar.map(bare));
  return similar.find((name) => bare(name) === meant);
}

/** The program and the commands below it that were named, down to the one that objects. */
function reached(command: CommandUnknownOpts): CommandUnknownOpts[] {
  const next = command.commands.find((one) => one.name() === command.args[0]);
  return next ? [command, ...reached(next)] : [command];
}

function names(command: CommandUnknownOpts): string[] {
  return command.commands.map((one) => one.name());
}

function kebabCase(camelCase: string): string {
  return camelCase.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
