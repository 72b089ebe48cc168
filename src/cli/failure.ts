import { CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { ExitCode } from '../exit-code.ts';
import type { Host } from '../terminal/host.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { visible } from '../text/visible.ts';
import { UserError } from '../user-error.ts';
import { reportBug } from './bug.ts';
import { Context } from './context.ts';
import { readGlobalOptions } from './global-options.ts';
import { wrongUse } from './usage-error.ts';

/** A start of the program that has thrown. */
export interface Start {
  /** After parsing. */
  readonly program: CommandUnknownOpts;
  readonly args: readonly string[];
  readonly host: Host;
  /** Undefined if no command has started its work. */
  readonly context: Context | undefined;
}

/**
 * Ends a start that has thrown: prints the failure, or reports a bug.
 *
 * @returns the exit code; that of an interruption takes precedence
 */
export function endWith(error: unknown, { program, args, host, context }: Start): ExitCode {
  const interruptedWith = context?.interruptedWith;
  if (isNamed(error, 'ExitPromptError')) return interruptedWith ?? ExitCode.interrupted;
  if (interruptedWith !== undefined && isNamed(error, 'AbortError', 'AbortPromptError'))
    return interruptedWith;
  const failure = error instanceof CommanderError ? wrongUse(error, program, args) : error;
  if (!(failure instanceof UserError)) return reportBug(error, host);
  const { terminal } = context ?? new Context(host, readGlobalOptions(program));
  showFailure(failure, terminal, asksForJson(args));
  return interruptedWith ?? failure.exitCode;
}

/**
 * Prints an expected failure: one line of what happened, one of what to do; with `--verbose` the causes.
 *
 * @param json whether `--format json` was given: then stdout gets the failure as JSON too
 */
export function showFailure(error: UserError, terminal: Terminal, json: boolean): void {
  if (json) {
    const { code, message, hint } = error;
    terminal.result(`${JSON.stringify({ error: { code, message, hint } }, null, 2)}\n`);
  }
  terminal.error(`error: ${visible(error.message)}`);
  terminal.error(`hint: ${visible(error.hint)}`);
  for (
    let cause = error.cause;
    cause !== undefined;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    terminal.detail(`cause: ${visible(cause instanceof Error ? cause.message : String(cause))}`);
  }
}

function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** A usage error leaves no parsed options, so the arguments themselves are searched. */
function asksForJson(args: readonly string[]): boolean {
  return args.some(
    (argument, index) =>
      argument === '--format=json' || (argument === '--format' && args[index + 1] === 'json'),
  );
}
