import { Command } from '@commander-js/extra-typings';
import { tool } from '../package.ts';
import type { Host } from '../terminal/host.ts';
import { stderrOf } from '../terminal/write-errors.ts';
import type { CommandModule, Run } from './command.ts';
import { addGlobalOptions, helpOption } from './global-options.ts';
import { rejectMisplacedOption } from './misplaced-option.ts';

/** A command as the program's own help shows it, and the file that defines it. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/**
 * Puts the program together, with the one command defined that the arguments name: options of the others would cost
 * each start. Help and completion speak of any, so they load those that they name.
 */
export async function createProgram(
  commands: readonly CommandEntry[],
  args: readonly string[],
  host: Host,
  run: Run,
): Promise<Command> {
  const program = new Command('spacelift-slack')
    .description('Wires a self-hosted Spacelift to Slack, and proves that it works.')
    .version(tool.version, '-V, --version')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpOption(helpOption)
    .showHelpAfterError(false)
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      // A usage error becomes a UserError; help shown for want of a command is printed as it is.
      writeErr: (text) => {
        if (!text.startsWith('error:')) stderrOf(host).write(text);
      },
    })
    .hook('preAction', (_, command) => rejectMisplacedOption(command));
  const first = args.find((argument) => !argument.startsWith('-'));
  const namesOthers = first === 'help' || first === 'completion';
  for (const { name, summary, load } of commands) {
    const command = program.command(name).summary(summary).description(summary);
    if (name === first || (namesOthers && args.includes(name))) (await load()).define(command, run);
  }
  addGlobalOptions(program);
  return program;
}
