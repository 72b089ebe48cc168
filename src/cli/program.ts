import { Command } from '@commander-js/extra-typings';
import { tool } from '../package.ts';
import type { Host } from '../terminal/host.ts';
import { stderrOf } from '../terminal/write-errors.ts';
import { wrapText } from '../text/wrap.ts';
import type { CommandModule, Run } from './command.ts';
import { addGlobalOptions, helpOption } from './global-options.ts';
import { rejectMisplacedOption } from './misplaced-option.ts';

/** A command as the program's own help shows it, and the file that defines it. */
export interface CommandEntry {
  readonly name: string;
  /** The heading that it stands under. */
  readonly group: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Longer lines of help are hard to read, however wide the screen is. */
const widestHelp = 100;

/**
 * Creates the program and defines the one command that the arguments name: defining all would slow each start. Help and
 * completion may be about any command, so they define those that they name.
 */
export async function createProgram(
  commands: readonly CommandEntry[],
  args: readonly string[],
  host: Host,
  run: Run,
): Promise<Command> {
  const show = (text: string, stream: Host['stdout']) =>
    stream.write(wrapText(text, Math.min((stream.isTTY && stream.columns) || 80, widestHelp)));
  const program = new Command('spacelift-slack')
    .description('Connects a self-hosted Spacelift to Slack, and checks that the connection works.')
    .version(tool.version, '-V, --version', 'show the version')
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpOption(helpOption)
    .showHelpAfterError(false)
    .showSuggestionAfterError(false)
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride()
    .configureOutput({
      // Help is wrapped when it is written.
      getOutHelpWidth: () => Number.MAX_SAFE_INTEGER,
      getErrHelpWidth: () => Number.MAX_SAFE_INTEGER,
      // Help has no colours to remove. To find out whether the stream shows them, commander would open it.
      getOutHasColors: () => true,
      getErrHasColors: () => true,
      writeOut: (text) => show(text, host.stdout),
      // A usage error becomes a UserError. Help because of a missing subcommand is a result on a screen only.
      writeErr: (text) => {
        if (!text.startsWith('error:')) show(text, host.stdout.isTTY ? host.stdout : stderrOf(host));
      },
    })
    .hook('preAction', (_, command) => rejectMisplacedOption(command));
  const first = args.find((argument) => !argument.startsWith('-'));
  const namesOthers = first === 'help' || first === 'completion';
  for (const { name, group, summary, load } of commands) {
    const command = program
      .command(name)
      .helpGroup(`${group}:`)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
    if (name === first || (namesOthers && args.includes(name))) (await load()).define(command, run);
  }
  addGlobalOptions(program);
  return program;
}
