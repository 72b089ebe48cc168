import { Command, CommanderError } from '@commander-js/extra-typings';
import { tool } from './package.ts';
import { Context } from './terminal/context.ts';
import { ExitCode } from './terminal/exit-code.ts';
import type { GlobalOptions, Host } from './terminal/terminal.ts';
import { UserError } from './user-error.ts';

/** Runs a command's work with the context made from the global options, and keeps its exit code. */
export type Run = (work: (context: Context) => Promise<ExitCode>) => Promise<void>;

interface CommandModule {
  /** Adds the command's arguments, options, help and subcommands. */
  define(command: Command, run: Run): void;
}

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

const commands: readonly CommandEntry[] = [
  {
    name: 'manifest',
    summary: "render the Slack app's manifest for a domain; validate and compare manifests",
    load: () => import('./commands/manifest.ts'),
  },
  {
    name: 'serve',
    summary: 'run the verified webhook and OAuth endpoints',
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'trigger',
    summary: 'send a signed request to an endpoint, as Slack would, and judge the answer',
    load: () => import('./commands/trigger.ts'),
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
 * @returns the exit code; anything thrown is a bug of ours
 */
export async function main(args: readonly string[], host: Host): Promise<number> {
  host.stdout.on('error', ignoreClosedPipe);
  host.stderr.on('error', ignoreClosedPipe);

  let exitCode: ExitCode = ExitCode.done;
  let context: Context | undefined;
  const program = createProgram(host);
  const run: Run = async (work) => {
    context = new Context(host, globalOptions(program));
    exitCode = await work(context);
  };
  const wanted = args.find((argument) => !argument.startsWith('-'));
  for (const { name, summary, load } of commands) {
    const command = program.command(name).summary(summary).description(summary);
    const spokenOf = (wanted === 'help' || wanted === 'completion') && args.includes(name);
    if (name === wanted || spokenOf) (await load()).define(command, run);
  }

  try {
    await program.parseAsync([...args], { from: 'user' });
    return context?.interruptedWith ?? exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done;
    if (error instanceof Error && error.name === 'ExitPromptError') return ExitCode.interrupted;
    const failure = error instanceof CommanderError ? wrongUse(error) : error;
    if (context?.interruptedWith !== undefined && (isAbortError(error) || failure instanceof UserError)) {
      return context.interruptedWith;
    }
    if (!(failure instanceof UserError)) throw error;
    const { showFailure } = await import('./terminal/failure.ts');
    const { terminal } = context ?? new Context(host, globalOptions(program));
    showFailure(failure, terminal, asksForJson(args));
    return failure.exitCode;
  }
}

function createProgram(host: Host): Command {
  const program = new Command('spacelift-slack')
    .description('Wires a self-hosted Spacelift to Slack, and proves that it works.')
    .version(tool.version, '-V, --version')
    .option('--no-color', 'print no colours (also: NO_COLOR)')
    .option('-q, --quiet', 'leave out progress and advice')
    .option('-v, --verbose', 'say more, with the cause of a failure')
    .option('--no-input', 'never ask; fail where an answer is missing')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      // A usage error becomes a UserError; help shown for want of a command is printed as it is.
      writeErr: (text) => {
        if (!text.startsWith('error:')) host.stderr.write(text);
      },
    });
  // The typed wrapper describes each added option in the type; the commands only need the base.
  return program as unknown as Command;
}

function globalOptions(program: Command): GlobalOptions {
  const options: Readonly<Record<string, unknown>> = program.opts();
  return {
    color: options['color'] !== false,
    quiet: options['quiet'] === true,
    verbose: options['verbose'] === true,
    input: options['input'] !== false,
  };
}

/** commander's own words for a usage error, split into what happened and what to do. */
function wrongUse(error: CommanderError): UserError {
  const [first = '', ...rest] = error.message.split('\n');
  const suggestion = /\(Did you mean (.+?)\?\)/.exec(rest.join(' '))?.[1];
  const hint = suggestion ? `Did you mean ${suggestion}?` : 'See spacelift-slack --help for what there is.';
  const code =
    error.code === 'commander.help' ? 'command-missing' : error.code.replace('commander.', 'usage-');
  const message = code === 'command-missing' ? 'no command was given' : first.replace(/^error: /, '');
  return new UserError(
    code.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    message,
    {
      hint,
      exitCode: ExitCode.usage,
    },
  );
}

/** A usage error leaves no parsed options behind, so the arguments themselves must tell. */
function asksForJson(args: readonly string[]): boolean {
  return args.some(
    (argument, index) =>
      argument === '--format=json' || (argument === '--format' && args[index + 1] === 'json'),
  );
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** A reader such as `head` may close the pipe before we are done; that is its right. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
