import { type Command, Option } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import type { ValidatedFile, ValidationFailure } from '../../manifest/validate.ts';
import { UserError } from '../../user-error.ts';
import { readManifestFile } from '../options/manifest-file.ts';
import { forceOption, outOption } from '../options/out.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';
import { penForResult } from '../output/result-pen.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('validate manifests of any Slack app, offline')
    .description(
      "Validates manifests of any Slack app offline, against Slack's schema and the rules between fields.",
    )
    .argument('[files...]', 'JSON or YAML files (default: stdin, also as -)')
    .action(run((context, names, options) => validate(names, options, context)));
}

function addOptions(command: Command) {
  return command
    .option('--lenient', 'report unknown keys as warnings: exports from Slack may have some')
    .option('--strict', 'let warnings fail')
    .addOption(
      new Option('--format <format>', 'the output format')
        .choices(['text', 'json', 'github', 'sarif'] as const)
        .default('text' as const),
    )
    .addOption(outOption('the findings'))
    .addOption(forceOption());
}

type ValidateOptions = OptionsOf<typeof addOptions>;

/**
 * Validates the files that can be read, and names the others beside the findings.
 *
 * @throws UserError if none can be read
 */
async function validate(
  names: readonly string[],
  options: ValidateOptions,
  context: Context,
): Promise<ExitCode> {
  const target = resultTarget(options);
  const { validateFile } = await import('../../manifest/validate.ts');
  const strictness = { lenient: options.lenient ?? false, strict: options.strict ?? false };
  const files: ValidatedFile[] = [];
  const unreadable: UserError[] = [];
  for (const name of names.length === 0 ? ['-'] : names) {
    const bytes = await readManifestFile(name, context).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      unreadable.push(error);
    });
    if (!bytes) continue;
    files.push(await validateFile(bytes, name === '-' ? 'stdin' : name, strictness));
  }
  const failure = asOne(unreadable);
  if (failure && files.length === 0) throw failure;
  const wraps = options.format === 'text';
  await writeResult(await render(files, failure, options, context), target, context, { wraps });
  if (failure) {
    const { showFailure } = await import('../../cli/failure.ts');
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

async function render(
  files: readonly ValidatedFile[],
  failure: ValidationFailure | undefined,
  { format, out }: ValidateOptions,
  { terminal }: Context,
): Promise<string> {
  switch (format) {
    case 'text': {
      const { validateAsText } = await import('../../manifest/report/validate-text.ts');
      return validateAsText(files, await penForResult(terminal, out));
    }
    case 'json':
      return (await import('../../manifest/report/validate-json.ts')).validateAsJson(files, failure);
    case 'github':
      return (await import('../../manifest/report/validate-github.ts')).validateAsGithub(files, failure);
    case 'sarif':
      return (await import('../../manifest/report/validate-sarif.ts')).validateAsSarif(files, failure);
  }
}
