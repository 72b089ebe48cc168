import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { diffManifests } from '../../manifest/diff.ts';
import { diffAsJson, diffAsText } from '../../manifest/report/diff-report.ts';
import { validateFile } from '../../manifest/validate.ts';
import { UserError } from '../../user-error.ts';
import { type RenderFlags, renderValid, resolveRenderOptions } from '../options/render.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';
import { penForResult } from '../output/result-pen.ts';
import { readManifestFile } from './files.ts';

interface Flags extends RenderFlags {
  readonly format: 'text' | 'json';
  readonly out?: string | undefined;
  readonly force?: true | undefined;
}

export async function diff(name: string, flags: Flags, context: Context): Promise<ExitCode> {
  const target = resultTarget(flags);
  const options = await resolveRenderOptions(flags, context);
  const wanted = await renderValid(options, context);
  const actual = name === '-' ? 'stdin' : name;
  const file = await validateFile(await readManifestFile(name, context), name, { lenient: true });
  if (file.value === undefined) {
    const problem = file.findings.find(({ severity }) => severity === 'error');
    const place = `${actual}:${problem?.line}:${problem?.column}`;
    throw new UserError('file-invalid', `${place}: ${problem?.message}`, {
      hint: problem?.hint ?? 'Check it with spacelift-slack manifest validate.',
      exitCode: 2,
    });
  }
  const changes = diffManifests(file.value, wanted);
  const report =
    flags.format === 'json'
      ? diffAsJson(changes)
      : diffAsText(changes, { actual, wanted: options.domain }, penForResult(context.terminal, flags.out));
  await writeResult(report, target, context);
  return changes.length === 0 ? ExitCode.done : ExitCode.found;
}
