import type { Context } from '../../cli/context.ts';
import type { ExitCode } from '../../exit-code.ts';
import type { InitOptions } from './options.ts';
import type { Answers } from './progress.ts';

export interface StepInput {
  readonly answers: Answers;
  readonly flags: InitOptions;
  readonly context: Context;
  /** The variables that came with `--secrets-stdin`. */
  readonly piped: Readonly<Record<string, string>>;
  /** The configuration token that an earlier step of this run has used. */
  readonly configToken: string | undefined;
  /** True where a person wants the step repeated: then they are asked, whatever the options say. */
  readonly again: boolean;
}

export interface StepResult {
  readonly answers: Answers;
  /** The configuration token that the step has used; it is never kept beyond the run. */
  readonly configToken?: string;
  /** Ends the set-up. */
  readonly exitCode?: ExitCode;
}

export interface Step {
  readonly title: string;
  /** What has come of it, in a few words; nothing where it is not done. */
  summary(answers: Answers): string | undefined;
  run(input: StepInput): Promise<StepResult>;
}
