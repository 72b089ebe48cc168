import type { Context } from '../../cli/context.ts';
import { addMask } from '../../text/github-annotation.ts';
import { UserError } from '../../user-error.ts';

/**
 * Keeps secret values out of the log of a CI job before they are written to stdout. With `CI` set, stdout must be a
 * regular file, unless `--reveal` is given. On GitHub Actions the values are also masked in the log.
 *
 * @throws UserError `values-in-ci-log`
 */
export function keepOutOfCiLog(
  values: readonly string[],
  reveal: boolean,
  { terminal, env }: Pick<Context, 'terminal' | 'env'>,
): void {
  if (!isSet(env['CI'])) return;
  if (!reveal && !terminal.resultIsFile) {
    throw new UserError('values-in-ci-log', 'CI is set, and stdout may be the log of the job', {
      hint: 'Pass --out FILE, redirect stdout to a file, or pass --reveal to print the values.',
      exitCode: 2,
    });
  }
  if (!isSet(env['GITHUB_ACTIONS'])) return;
  for (const value of values) terminal.log(`${addMask(value)}\n`);
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== 'false';
}
