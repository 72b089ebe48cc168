import { CommanderError } from '@commander-js/extra-typings';
import { reportBug } from './cli/bug.ts';
import type { Run } from './cli/command.ts';
import { Context } from './cli/context.ts';
import { readGlobalOptions } from './cli/global-options.ts';
import { type CommandEntry, createProgram } from './cli/program.ts';
import { ExitCode } from './exit-code.ts';
import type { Host } from './terminal/host.ts';
import { onWriteError } from './terminal/write-errors.ts';

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
    summary: "explain an error word of Slack's, a check of doctor or a manifest rule",
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
  host.on('uncaughtException', (error) => host.exit(reportBug(error, host)));

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
    if (isDone(error)) return ExitCode.done;
    const { endWith } = await import('./cli/failure.ts');
    return endWith(error, { program, args, host, context });
  }
}

/** Commander throws once it has printed help or the version, too. */
function isDone(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}
