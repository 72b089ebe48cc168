import { Command, CommanderError, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { CommandModule, Run } from './cli/command.ts';
import { Context } from './cli/context.ts';
import { ExitCode } from './exit-code.ts';
import { tool } from './package.ts';
import type { Host } from './terminal/host.ts';
import type { GlobalOptions } from './terminal/terminal.ts';
import { onWriteError, stderrOf } from './terminal/write-errors.ts';
import { UserError } from './user-error.ts';

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

const commands: readonly CommandEntry[] = [
  {
    name: 'manifest',
    summary: "render the Slack app's manifest for a domain; validate and compare manifests",
    load: () => import('./commands/manifest/manifest.ts'),
  },
  {
    name: 'env',
    summary: 'write the three variables in the form that the deployment takes',
    load: () => import('./commands/env.ts'),
  },
  {
    name: 'doctor',
    summary: 'prove that Slack can use a deployment, or name the one cause why not',
    load: () => import('./commands/doctor/doctor.ts'),
  },
  {
    name: 'serve',
    summary: 'run the verified webhook and OAuth endpoints',
    load: () => import('./commands/serve/serve.ts'),
  },
  {
    name: 'trigger',
    summary: 'send a signed request to an endpoint, as Slack would, and judge the answer',
    load: () => import('./commands/trigger.ts'),
  },
  {
    name: 'init',
    summary: 'set everything up, step by step',
    load: () => import('./commands/init/init.ts'),
  },
  {
    name: 'app',
    summary: 'create, update, compare and delete the Slack app through its API',
    load: () => import('./commands/app/app.ts'),
  },
  {
    name: 'explain',
    summary: 'say what an error word of Slack’s means here, and what to do',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'completion',
    summary: 'print the script that completes command lines in bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
];

/**
 * The program: parses the arguments, loads the one command that they name, runs it, and shows expected failures.
 *
 * @param args without the runtime and the script
 * @returns the exit code
 */
export async function main(args: readonly string[], host: Host): Promise<number> {
  host.stdout.on('error', (error) => onWriteError(error, host));
  host.on('uncaughtException', (error) => host.exit(crash(error, host)));

  let exitCode: ExitCode = ExitCode.done;
  let context: Context | undefined;
  // Under way while the program is put together.
  const modules = loadWanted(args);
  const program = createProgram(host);
  const run: Run = async (work) => {
    context = new Context(host, globalOptions(program));
    exitCode = await work(context);
  };
  program.hook('preAction', (_, command) => refuseMisplaced(command));
  for (const { name, summary } of commands) {
    const module = await modules.get(name);
    if (module) {
      module.define(program.command(name).summary(summary).description(summary), run);
    } else {
      // The others are there for the list of commands and for suggestions; options would cost each start.
      program.addCommand(new Command(name).summary(summary));
    }
  }

  try {
    // The help command knows the first name alone: `help app create` is asked of that command itself.
    const words = args[0] === 'help' && args.length > 2 ? [...args.slice(1), '--help'] : [...args];
    await program.parseAsync(words, { from: 'user' });
    return context?.interruptedWith ?? exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done;
    if (error instanceof Error && error.name === 'ExitPromptError') {
      return context?.interruptedWith ?? ExitCode.interrupted;
    }
    const failure = error instanceof CommanderError ? await usageError(error, program, args) : error;
    if (context?.interruptedWith !== undefined && isAbortError(error)) return context.interruptedWith;
    if (!(failure instanceof UserError)) return crash(error, host);
    const { showFailure } = await import('./cli/failure.ts');
    const { terminal } = context ?? new Context(host, globalOptions(program));
    showFailure(failure, terminal, asksForJson(args));
    return context?.interruptedWith ?? failure.exitCode;
  }
}

/** Starts to load the commands that the arguments are about: one, but for help and completion. */
function loadWanted(args: readonly string[]): ReadonlyMap<string, Promise<CommandModule>> {
  const first = args.find((argument) => !argument.startsWith('-'));
  const speaks = first === 'help' || first === 'completion';
  const wanted = commands.filter(({ name }) => name === first || (speaks && args.includes(name)));
  return new Map(wanted.map(({ name, load }) => [name, load()]));
}

function createProgram(host: Host): Command {
  return withGlobalOptions(new Command('spacelift-slack'))
    .description('Wires a self-hosted Spacelift to Slack, and proves that it works.')
    .version(tool.version, '-V, --version')
    .helpCommand('help [command]', 'show help for a command')
    .showHelpAfterError(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      // A usage error becomes a UserError; help shown for want of a command is printed as it is.
      writeErr: (text) => {
        if (!text.startsWith('error:')) stderrOf(host).write(text);
      },
    });
}

/**
 * Gives a command, and every command that is made under it, the options that mean the same everywhere. Each has its
 * own: options are positional, so that `manifest --domain` and `manifest diff --domain` do not get in each other's way.
 */
function withGlobalOptions(command: Command): Command {
  for (const option of globalOptionList) command.addOption(option);
  command.configureHelp({ groupItems: globalGroupLast });
  command.createCommand = (name) => withGlobalOptions(new Command(name));
  return command;
}

const globalGroup = 'Global options:';

const noColor = new Option('--no-color', 'print no colours (also: NO_COLOR)').helpGroup(globalGroup);
// Its value would be `color`, which is also the name of the manifest's background.
noColor.attributeName = () => 'colours';
const globalOptionList = [
  noColor,
  new Option('-q, --quiet', 'leave out progress and advice').helpGroup(globalGroup),
  new Option('-v, --verbose', 'say more, with the cause of a failure').helpGroup(globalGroup),
  new Option('--no-input', 'never ask; fail where an answer is missing').helpGroup(globalGroup),
];

function globalGroupLast<Item>(
  _all: Item[],
  visible: Item[],
  groupOf: (item: Item) => string,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of visible) groups.set(groupOf(item), [...(groups.get(groupOf(item)) ?? []), item]);
  const last = groups.get(globalGroup);
  if (groups.delete(globalGroup) && last) groups.set(globalGroup, last);
  return groups;
}

/** What was said on any level of the command line: only the commands on its way were given options at all. */
function globalOptions(program: Command): GlobalOptions {
  const given: Readonly<Record<string, unknown>>[] = [];
  for (const commands: CommandUnknownOpts[] = [program]; ; ) {
    const command = commands.pop();
    if (!command) break;
    given.push(command.opts());
    commands.push(...command.commands);
  }
  return {
    color: given.every((options) => options['colours'] !== false),
    quiet: given.some((options) => options['quiet'] === true),
    verbose: given.some((options) => options['verbose'] === true),
    input: given.every((options) => options['input'] !== false),
  };
}

/**
 * An option before a subcommand belongs to the command above it, which does not run: nothing would heed it.
 *
 * @throws UserError `option-misplaced`
 */
function refuseMisplaced(command: CommandUnknownOpts): void {
  const path: CommandUnknownOpts[] = [];
  for (let one: CommandUnknownOpts | null = command; one; one = one.parent) path.unshift(one);
  for (const above of path.slice(0, -1)) {
    const given = above.options.find(
      (option) =>
        !globalOptionList.includes(option) && above.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (!given) continue;
    const name = path.map((one) => one.name()).join(' ');
    const isTaken = command.options.some(({ long }) => long === given.long);
    throw new UserError(
      'option-misplaced',
      `${given.long} stands before the subcommand, where it has no effect`,
      {
        hint: isTaken ? `Put it behind: ${name} ${given.flags}` : `Leave it off: ${name} does not take it.`,
        exitCode: 2,
      },
    );
  }
}

/** A usage error leaves no parsed options behind, so the arguments themselves must tell. */
function asksForJson(args: readonly string[]): boolean {
  return args.some(
    (argument, index) =>
      argument === '--format=json' || (argument === '--format' && args[index + 1] === 'json'),
  );
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && ['AbortError', 'AbortPromptError'].includes(error.name);
}

async function usageError(
  error: CommanderError,
  program: Command,
  args: readonly string[],
): Promise<UserError> {
  const { wrongUse } = await import('./cli/usage-error.ts');
  return wrongUse(error, program, args);
}

/**
 * Says loudly that we are at fault. Stacks alone: what else an error carries may be a request with its token. Not
 * Node's own exit code 1, which means here that a check has found something.
 */
function crash(error: unknown, host: Host): ExitCode {
  const lines = ['This is a bug in spacelift-slack; please report it with the lines below.'];
  for (let one: unknown = error; one !== undefined; one = one instanceof Error ? one.cause : undefined) {
    lines.push(one instanceof Error ? (one.stack ?? one.message) : String(one));
  }
  host.stderr.write(`${lines.join('\n')}\nspacelift-slack ${tool.version}\n`);
  return ExitCode.failed;
}
