import { validateAsGithub } from '../manifest/report/validate-github.ts';
import { validateAsJson } from '../manifest/report/validate-json.ts';
import { validateAsSarif } from '../manifest/report/validate-sarif.ts';
import { validateAsText } from '../manifest/report/validate-text.ts';
import { type ValidatedFile, validateFile } from '../manifest/validate.ts';
import type { Context } from '../terminal/context.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { readManifestFile } from './manifest-files.ts';
import { writeResult } from './result-file.ts';
import { penForResult } from './result-pen.ts';

interface Flags {
  readonly lenient?: true | undefined;
  readonly strict?: true | undefined;
  readonly format: 'text' | 'json' | 'github' | 'sarif';
  readonly out?: string | undefined;
  readonly force?: true | undefined;
}

export async function validate(names: readonly string[], flags: Flags, context: Context): Promise<ExitCode> {
  const options = { lenient: flags.lenient ?? false, strict: flags.strict ?? false };
  const files: ValidatedFile[] = [];
  for (const name of names.length === 0 ? ['-'] : names) {
    const bytes = await readManifestFile(name, context);
    files.push(await validateFile(bytes, name === '-' ? 'stdin' : name, options));
  }
  const target = flags.out === undefined ? undefined : { file: flags.out, force: flags.force ?? false };
  await writeResult(print(files, flags, context), target, context);
  return files.every(({ valid }) => valid) ? ExitCode.done : ExitCode.found;
}

function print(files: readonly ValidatedFile[], { format, out }: Flags, { terminal }: Context): string {
  switch (format) {
    case 'text':
      return validateAsText(files, penForResult(terminal, out));
    case 'json':
      return validateAsJson(files);
    case 'github':
      return validateAsGithub(files);
    case 'sarif':
      return validateAsSarif(files);
  }
}
