import type { JsonValue } from '../../json-value.ts';
import { validate } from './generated/manifest-schema.ts';

/** The part of ajv's error objects that is used here. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type CompiledSchema = ((value: unknown) => boolean) & { readonly errors?: readonly SchemaError[] | null };

// The generated code carries no types; this is what ajv documents for standalone validators.
const validateManifest: CompiledSchema = validate;

/** Where a manifest departs from schemas/slack-app-manifest.schema.json. */
export function schemaErrors(manifest: JsonValue): readonly SchemaError[] {
  validateManifest(manifest);
  return validateManifest.errors ?? [];
}
