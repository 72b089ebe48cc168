import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import type { JsonValue } from '../../json-value.ts';
import { UserError } from '../../user-error.ts';
import { textOrJsonOption } from '../options/format.ts';
import { readManifestFile } from '../options/manifest-file.ts';
import { forceOption, outOption } from '../options/out.ts';
import { addRenderOptions, renderValid, resolveRenderOptions, withOrgDeployOf } from '../options/render.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';
import { penForResult } from '../output/result-pen.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('compare a manifest with what a domain needs, or with another one')
    .description(
      'Compares a manifest with what a domain needs, or with a second file, and explains each difference. Exits with 1 if they differ.',
    )
    .argument('[file]', 'JSON or YAML file (default: stdin, also as -)')
    .argument('[other]', 'the file to compare it with, in place of what a domain needs')
    .action(
      run((context, file, other, options) =>
        other === undefined
          ? diffWithNeeded(file ?? '-', options, context)
          : diffFiles(file ?? '-', other, options, context),
      ),
    );
}

function addOptions(command: Command) {
  return addRenderOptions(command)
    .addOption(textOrJsonOption('the output format'))
    .addOption(outOption('the changes'))
    .addOption(forceOption());
}

type DiffOptions = OptionsOf<typeof addOptions>;

async function diffWithNeeded(name: string, options: DiffOptions, context: Context): Promise<ExitCode> {
  const renderOptions = await resolveRenderOptions(options, context);
  const actual = await readManifest(name, context);
  const needed = await renderValid(withOrgDeployOf(actual, renderOptions), context);
  return report([shown(name), actual], [renderOptions.domain, needed], options, context);
}

async function diffFiles(
  name: string,
  other: string,
  options: DiffOptions,
  context: Context,
): Promise<ExitCode> {
  const { domain, webhookDomain, name: appName, command, color, org, socketMode, patch } = options;
  if ([domain, webhookDomain, appName, command, color, org, socketMode, patch].some(Boolean)) {
    throw new UserError(
      'usage-conflicting-option',
      'two files are compared with each other, not with what a domain needs',
      { hint: 'Name one file, or leave out the options of the domain and of the app.', exitCode: 2 },
    );
  }
  if (name === '-' && other === '-') {
    throw new UserError('usage-conflicting-option', 'stdin cannot be both files', {
      hint: 'Name a file for one of them.',
      exitCode: 2,
    });
  }
  const actual = await readManifest(name, context);
  const wanted = await readManifest(other, context);
  return report([shown(name), actual], [shown(other), wanted], options, context);
}

/** @throws UserError `file-unreadable`, `file-invalid` */
async function readManifest(name: string, context: Context): Promise<JsonValue> {
  const { validateFile } = await import('../../manifest/validate.ts');
  const file = await validateFile(await readManifestFile(name, context), name, { lenient: true });
  if (file.value !== undefined) return file.value;
  const problem = file.findings.find(({ severity }) => severity === 'error');
  const position = `${shown(name)}:${problem?.line}:${problem?.column}`;
  throw new UserError('file-invalid', `${position}: ${problem?.message}`, {
    hint: problem?.hint ?? 'Run spacelift-slack manifest validate on it.',
    exitCode: 2,
  });
}

function shown(name: string): string {
  return name === '-' ? 'stdin' : name;
}

/** A manifest, and what it is called in the report. */
type Side = readonly [name: string, manifest: JsonValue];

async function report(
  [actual, manifest]: Side,
  [wanted, needed]: Side,
  options: DiffOptions,
  context: Context,
): Promise<ExitCode> {
  const target = resultTarget(options);
  const [{ diffManifests }, { diffAsJson, diffAsText }] = await Promise.all([
    import('../../manifest/diff.ts'),
    import('../../manifest/report/diff-report.ts'),
  ]);
  const changes = diffManifests(manifest, needed);
  const text =
    options.format === 'json'
      ? diffAsJson(changes)
      : diffAsText(changes, { actual, wanted }, await penForResult(context.terminal, options.out));
  await writeResult(text, target, context, { wraps: options.format === 'text' });
  return changes.length === 0 ? ExitCode.done : ExitCode.found;
}
