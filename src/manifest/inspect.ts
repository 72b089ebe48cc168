import type { Remark } from './finding.ts';
import type { JsonValue } from './json-value.ts';
import { ManifestView } from './manifest-view.ts';
import { rules } from './rules/all.ts';
import { type SchemaOptions, schemaRemarks } from './schema-remarks.ts';

/** Everything the schema and the rules have to say of a manifest, whatever JSON value it is. */
export function inspectManifest(value: JsonValue, options: SchemaOptions): Remark[] {
  const view = new ManifestView(value);
  return [...schemaRemarks(value, options), ...rules.flatMap((rule) => [...rule(view)])];
}
