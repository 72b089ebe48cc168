import { CommanderError } from '@commander-js/extra-typings';
import { reportBug } from './cli/bug.ts';
import type { Run } from './cli/command.ts';
import { Context } from './cli/context.ts';
import { firstScreen } from './cli/first-screen.ts';
import { readGlobalOptions } from './cli/global-options.ts';
import { type CommandEntry, createProgram } from './cli/program.ts';
import { ExitCode } from './exit-code.ts';
import type { Host } from './terminal/host.ts';
import { processHost } from './terminal/process-host.ts';
import { onWriteError } from './terminal/write-errors.ts';
import { wrapText } from './text/wrap.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'init',
    group: 'Set up',
    summary: 'set up everything, step by step',
    load: () => import('./commands/init/init.ts'),
  },
  {
    name: 'manifest',
    group: 'Set up',
    summary: 'render, validate and compare the manifest of the Slack app',
    load: () => import('./commands/manifest/manifest.ts'),
  },
  {
    name: 'app',
    group: 'Set up',
    summary: "create, update, compare and delete the app through Slack's API",
    load: () => import('./commands/app/app.ts'),
  },
  {
    name: 'env',
    group: 'Set up',
    summary: 'write the three variables in the format of the deployment',
    load: () => import('./commands/env/env.ts'),
  },
  {
    name: 'completion',
    group: 'Set up',
    summary: 'print the completion script of bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'doctor',
    group: 'Check',
    summary: 'find out whether Slack can use a deployment, or why it cannot',
    load: () => import('./commands/doctor/doctor.ts'),
  },
  {
    name: 'trigger',
    group: 'Check',
    summary: 'send a signed request to an endpoint, as Slack does',
    load: () => import('./commands/trigger.ts'),
  },
  {
    name: 'explain',
    group: 'Check',
    summary: 'explain an error word, a check of doctor or a manifest rule',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'serve',
    group: 'Run',
    summary: 'run verified webhook and OAuth endpoints, or a relay',
    load: () => import('./commands/serve/serve.ts'),
  },
];

/**
 * Runs the program in a process, and sets its exit code.
 *
 * @public The launcher calls it in the bundle.
 */
export async function start(process: NodeJS.Process): Promise<void> {
  process.exitCode = await main(process.argv.slice(2), processHost(process));
}

/**
 * The program: parses the arguments, loads the one command that they name, runs it, and prints expected failures.
 *
 * @param args without the runtime and the script
 * @returns the exit code
 */
export async function main(args: readonly string[], host: Host): Promise<number> {
  host.stdout.on('error', (error) => onWriteError(error, host));
  host.on('uncaughtException', (error) => host.exit(reportBug(error, host)));

  if (args.length === 0 && host.stdout.isTTY) {
    host.stdout.write(wrapText(firstScreen(commands), host.stdout.columns ?? 80));
    return ExitCode.done;
  }
  let exitCode: ExitCode = ExitCode.done;
  let context: Context | undefined;
  const run: Run =
    (work) =>
    async (...parsed) => {
      context = new Context(host, readGlobalOptions(program));
      exitCode = await work(context, ...parsed);
    };
  const program = await createProgram(commands, args, host, run);
  try {
    // The help command knows the first name alone: `help app create` is asked of that command itself.
    const words = args[0] === 'help' && args.length > 2 ? [...args.slice(1), '--help'] : [...args];
    await program.parseAsync(words, { from: 'user' });
    return context?.interruptedWith ?? exitCode;
  } catch (error) {
    if (isHelp(error, args, host)) return ExitCode.done;
    const { endWith } = await import('./cli/failure.ts');
    return endWith(error, { program, args, host, context });
  }
}

/** Whether commander has printed help or the version; on a terminal also because a subcommand is missing. */
function isHelp(error: unknown, args: readonly string[], host: Host): boolean {
  if (!(error instanceof CommanderError)) return false;
  return (
    error.exitCode === 0 ||
    (error.code === 'commander.help' && host.stdout.isTTY === true && args[0] !== 'help')
  );
}
