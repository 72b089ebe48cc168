import type { ValidatedFile, ValidationFailure } from '../validate.ts';

/** Findings for programs, as schemas/manifest-report.schema.json describes them. */
export function validateAsJson(files: readonly ValidatedFile[], failure?: ValidationFailure): string {
  const findings = files.flatMap((file) =>
    file.findings.map(({ rule, severity, pointer, message, hint, line, column }) => ({
      file: file.name,
      rule,
      severity,
      pointer,
      message,
      hint,
      line,
      column,
    })),
  );
  const valid = !failure && files.every((file) => file.valid);
  const error = failure && { code: failure.code, message: failure.message, hint: failure.hint };
  return `${JSON.stringify({ error, valid, findings }, null, 2)}\n`;
}
