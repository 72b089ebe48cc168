import { readFile } from 'node:fs/promises';
import { type Domain, parseDomain } from '../../src/domain.ts';
import { isObject, type JsonObject, type JsonValue } from '../../src/json-value.ts';
import type { RenderOptions } from '../../src/manifest/render.ts';
import { type ValidatedFile, validateFile } from '../../src/manifest/validate.ts';

const fixture = new URL('fixtures/documented-manifest.json', import.meta.url);

/** The manifest as Spacelift documents it, to the letter, with a domain in its four places. */
export async function documentedManifest(domain = 'spacelift.example.com'): Promise<JsonObject> {
  return object(JSON.parse((await readFile(fixture, 'utf8')).replaceAll('<your-domain>', domain)));
}

export function object(value: JsonValue | undefined): JsonObject {
  if (!isObject(value)) throw new TypeError(`${JSON.stringify(value)} is no object`);
  return value;
}

export function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (!parsed.ok) throw new TypeError(`${text} ${parsed.problem}`);
  return parsed.domain;
}

/** The least that a manifest is rendered from. */
export function renderOptions(options: Partial<RenderOptions> = {}): RenderOptions {
  const own = options.domain ?? domain('spacelift.example.com');
  return { domain: own, webhookDomain: own, ...options };
}

/** Checks a text as if it stood in a file of that name. */
export function validateText(text: string, name = 'manifest.json', lenient = false): Promise<ValidatedFile> {
  return validateFile(new TextEncoder().encode(text), name, { lenient });
}

/** What was found, one short line each: severity, rule and pointer. */
export function found({ findings }: ValidatedFile): string[] {
  return findings.map(({ severity, rule, pointer }) => `${severity} ${rule} ${pointer}`.trimEnd());
}
