import type { ValidatedFile } from '../validate.ts';

/** Findings for programs; schemas/manifest-report.schema.json describes it. */
export function validateAsJson(files: readonly ValidatedFile[]): string {
  const findings = files.flatMap(({ name, findings }) =>
    findings.map((finding) => ({ file: name, ...finding })),
  );
  return `${JSON.stringify({ valid: files.every(({ valid }) => valid), findings }, null, 2)}\n`;
}
