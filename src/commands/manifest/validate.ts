import type { Context } from '../../cli/context.ts';
import { showFailure } from '../../cli/failure.ts';
import { ExitCode } from '../../exit-code.ts';
import { validateAsGithub } from '../../manifest/report/validate-github.ts';
import { validateAsJson } from '../../manifest/report/validate-json.ts';
import { validateAsSarif } from '../../manifest/report/validate-sarif.ts';
import { validateAsText } from '../../manifest/report/validate-text.ts';
import { type ValidatedFile, type ValidationFailure, validateFile } from '../../manifest/validate.ts';
import { UserError } from '../../user-error.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';
import { penForResult } from '../output/result-pen.ts';
import { readManifestFile } from './files.ts';

interface Flags {
  readonly lenient?: true | undefined;
  readonly strict?: true | undefined;
  readonly format: 'text' | 'json' | 'github' | 'sarif';
  readonly out?: string | undefined;
  readonly force?: true | undefined;
}

/**
 * Checks what can be read of the files; what cannot be is named beside the findings.
 *
 * @throws UserError where none can be read
 */
export async function validate(names: readonly string[], flags: Flags, context: Context): Promise<ExitCode> {
  const target = resultTarget(flags);
  const options = { lenient: flags.lenient ?? false, strict: flags.strict ?? false };
  const files: ValidatedFile[] = [];
  const unreadable: UserError[] = [];
  for (const name of names.length === 0 ? ['-'] : names) {
    const bytes = await readManifestFile(name, context).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      unreadable.push(error);
    });
    if (!bytes) continue;
    files.push(await validateFile(bytes, name === '-' ? 'stdin' : name, options));
  }
  const failure = asOne(unreadable);
  if (failure && files.length === 0) throw failure;
  await writeResult(print(files, failure, flags, context), target, context);
  if (failure) {
    // In JSON it is a part of the report.
    showFailure(failure, context.terminal, false);
    return failure.exitCode;
  }
  return files.every(({ valid }) => valid) ? ExitCode.done : ExitCode.found;
}

function asOne(errors: readonly UserError[]): UserError | undefined {
  const [first, ...others] = errors;
  if (!first || others.length === 0) return first;
  const { code, hint, exitCode } = first;
  return new UserError(code, errors.map(({ message }) => message).join('; '), { hint, exitCode });
}

function print(
  files: readonly ValidatedFile[],
  failure: ValidationFailure | undefined,
  { format, out }: Flags,
  { terminal }: Context,
): string {
  switch (format) {
    case 'text':
      return validateAsText(files, penForResult(terminal, out));
    case 'json':
      return validateAsJson(files, failure);
    case 'github':
      return validateAsGithub(files, failure);
    case 'sarif':
      return validateAsSarif(files, failure);
  }
}
