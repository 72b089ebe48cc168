import { annotation } from '../../github-annotation.ts';
import type { ValidatedFile } from '../validate.ts';

/** Findings as annotations that GitHub shows beside the lines of a pull request. */
export function validateAsGithub(files: readonly ValidatedFile[]): string {
  return files
    .flatMap(({ name, findings }) =>
      findings.map(({ severity, rule, message, hint, line, column }) =>
        annotation(severity, `${message}. ${hint}`, { file: name, line, col: column, title: rule }),
      ),
    )
    .map((line) => `${line}\n`)
    .join('');
}
