import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { UserError } from '../../user-error.ts';
import { textOrJsonOption } from '../options/format.ts';
import { readManifestFile } from '../options/manifest-file.ts';
import { forceOption, outOption } from '../options/out.ts';
import { addRenderOptions, renderValid, resolveRenderOptions, withOrgDeployOf } from '../options/render.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';
import { penForResult } from '../output/result-pen.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('compare a manifest with what a domain needs')
    .description('Compares a manifest with what a domain needs, and explains each difference.')
    .argument('[file]', 'JSON or YAML file (default: stdin, also as -)')
    .action(run((context, file, options) => diff(file ?? '-', options, context)));
}

function addOptions(command: Command) {
  return addRenderOptions(command)
    .addOption(textOrJsonOption('the output format'))
    .addOption(outOption('the changes'))
    .addOption(forceOption());
}

async function diff(
  name: string,
  options: OptionsOf<typeof addOptions>,
  context: Context,
): Promise<ExitCode> {
  const target = resultTarget(options);
  const renderOptions = await resolveRenderOptions(options, context);
  const [{ validateFile }, { diffManifests }, { diffAsJson, diffAsText }] = await Promise.all([
    import('../../manifest/validate.ts'),
    import('../../manifest/diff.ts'),
    import('../../manifest/report/diff-report.ts'),
  ]);
  const shownName = name === '-' ? 'stdin' : name;
  const file = await validateFile(await readManifestFile(name, context), name, { lenient: true });
  if (file.value === undefined) {
    const problem = file.findings.find(({ severity }) => severity === 'error');
    const position = `${shownName}:${problem?.line}:${problem?.column}`;
    throw new UserError('file-invalid', `${position}: ${problem?.message}`, {
      hint: problem?.hint ?? 'Run spacelift-slack manifest validate on it.',
      exitCode: 2,
    });
  }
  const needed = await renderValid(withOrgDeployOf(file.value, renderOptions), context);
  const changes = diffManifests(file.value, needed);
  const report =
    options.format === 'json'
      ? diffAsJson(changes)
      : diffAsText(
          changes,
          { actual: shownName, wanted: renderOptions.domain },
          await penForResult(context.terminal, options.out),
        );
  await writeResult(report, target, context, { wraps: options.format === 'text' });
  return changes.length === 0 ? ExitCode.done : ExitCode.found;
}
