import type { ValidatedFile, ValidationFailure } from '../validate.ts';

/** Findings for programs; schemas/manifest-report.schema.json describes it. */
export function validateAsJson(files: readonly ValidatedFile[], failure?: ValidationFailure): string {
  const findings = files.flatMap(({ name, findings }) =>
    findings.map((finding) => ({ file: name, ...finding })),
  );
  const valid = !failure && files.every((file) => file.valid);
  const error = failure && { code: failure.code, message: failure.message, hint: failure.hint };
  return `${JSON.stringify({ error, valid, findings }, null, 2)}\n`;
}
