import { annotation } from '../../text/github-annotation.ts';
import type { ValidatedFile, ValidationFailure } from '../validate.ts';

/** Findings as annotations, which GitHub shows beside the lines of a pull request. */
export function validateAsGithub(files: readonly ValidatedFile[], failure?: ValidationFailure): string {
  const failures = failure
    ? [annotation('error', `${failure.message}. ${failure.hint}`, { title: failure.code })]
    : [];
  const findings = files.flatMap(({ name, findings }) =>
    findings.map(({ severity, rule, message, hint, line, column }) =>
      annotation(severity, `${message}. ${hint}`, { file: name, line, col: column, title: rule }),
    ),
  );
  return [...failures, ...findings].map((line) => `${line}\n`).join('');
}
