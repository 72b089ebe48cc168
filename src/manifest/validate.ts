import type { JsonValue } from '../json-value.ts';
import { maskSecrets } from '../text/mask-secrets.ts';
import type { Finding, Remark } from './finding.ts';
import { inspectManifest } from './inspect.ts';
import type { Lines } from './source/position.ts';
import { readSource } from './source/read-source.ts';
import { offsetOf } from './source/source.ts';

export interface ValidatedFile {
  readonly name: string;
  /** Whether there is no error, and with `strict` no warning either. */
  readonly valid: boolean;
  /** In the order of the file. What looks like a secret in them is masked. */
  readonly findings: readonly Finding[];
  readonly lines: Lines;
  /** The manifest's value, if the file could be read and is a manifest. */
  readonly value?: JsonValue;
}

/** Why some of the files could not be checked. */
export interface ValidationFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/**
 * Checks a manifest file: its text, Slack's schema, and the rules between fields.
 *
 * @param bytes the whole file
 * @param name as the user typed it; its ending helps to tell JSON from YAML
 * @param options `lenient`: unknown keys are warnings; `strict`: warnings make the file invalid
 */
export async function validateFile(
  bytes: Uint8Array,
  name: string,
  { lenient, strict = false }: { readonly lenient: boolean; readonly strict?: boolean },
): Promise<ValidatedFile> {
  const { lines, reading } = await readSource(bytes, name);
  const located = reading.problems.map(({ offset, ...remark }): Located => ({ remark, offset }));
  if (reading.ok) {
    const { value, format, isQuoted, locate } = reading.document;
    const remarks = await inspectManifest(value, { lenient, format, isQuoted });
    if (remarks.length > 0) {
      const whole = await locate();
      for (const remark of remarks) located.push({ remark, offset: offsetOf(remark, whole) });
    }
  }
  const findings = located
    .sort((a, b) => a.offset - b.offset)
    .map(({ remark, offset }) => ({
      ...remark,
      pointer: maskSecrets(remark.pointer),
      message: maskSecrets(remark.message),
      hint: maskSecrets(remark.hint),
      ...lines.position(offset),
    }));
  const valid = findings.every(({ severity }) => severity !== 'error' && !strict);
  const isManifest = reading.ok && findings.every(({ at }) => at !== 'file');
  return { name, valid, findings, lines, ...(isManifest ? { value: reading.document.value } : {}) };
}

interface Located {
  readonly remark: Remark;
  readonly offset: number;
}
