import type { Context } from '../../cli/context.ts';
import type { ExitCode } from '../../exit-code.ts';
import type { InitOptions } from './options.ts';
import type { Answers } from './progress.ts';

export interface StepInput {
  readonly answers: Answers;
  readonly flags: InitOptions;
  readonly context: Context;
  /** The variables from `--secrets-stdin`. */
  readonly piped: Readonly<Record<string, string>>;
  /** The configuration token that an earlier step of this run has used. */
  readonly configToken: string | undefined;
  /**
   * Set if the step runs again, because it has failed or the person repeats it: they are prompted, whatever the options
   * say.
   */
  readonly again: 'failed' | 'repeated' | undefined;
}

export interface StepResult {
  readonly answers: Answers;
  /** The configuration token that the step has used; it is never stored. */
  readonly configToken?: string;
  /** Ends the set-up. */
  readonly exitCode?: ExitCode;
  /** True if the person chooses what comes next, instead of the end. */
  readonly chooses?: boolean;
}

export interface Step {
  readonly title: string;
  /** The outcome in a few words; undefined if the step is not done. */
  summary(answers: Answers): string | undefined;
  run(input: StepInput): Promise<StepResult>;
}
