import type { Command } from '@commander-js/extra-typings';
import type { ExitCode } from '../exit-code.ts';
import type { Context } from './context.ts';

/** Runs a command's work with the context made from the global options, and keeps its exit code. */
export type Run = (work: (context: Context) => Promise<ExitCode>) => Promise<void>;

/** What a command's file exports. */
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
