import type { Command } from '@commander-js/extra-typings';
import type { ExitCode } from '../exit-code.ts';
import type { Context } from './context.ts';

/**
 * Makes a commander action from a command's work: the work gets the context and what commander has parsed (arguments,
 * then options), and its exit code becomes that of the program.
 */
export type Run = <Parsed extends readonly unknown[]>(
  work: (context: Context, ...parsed: Parsed) => Promise<ExitCode>,
) => (...parsed: Parsed) => Promise<void>;

/**
 * What the file of a command exports. Help and completion load the file too, so it imports only what defines the
 * command, and loads with `import()` what its work needs.
 */
export interface CommandModule {
  /** Adds the command's arguments, options, help and subcommands. */
  define(command: Command, run: Run): void;
}

/** What commander reads into the options that a function adds to a command. An optional one may be undefined. */
export type OptionsOf<Add extends (command: never) => { opts(): object }> = Parsed<
  ReturnType<ReturnType<Add>['opts']>
>;

type Parsed<Options> = {
  readonly [Name in keyof Options]: object extends Pick<Options, Name>
    ? Options[Name] | undefined
    : Options[Name];
};
