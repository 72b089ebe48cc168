import type { JsonValue } from '../json-value.ts';
import type { Remark } from './finding.ts';
import { ManifestView } from './manifest-view.ts';
import { rules } from './rules/all.ts';
import { schemaErrors } from './schema/schema-errors.ts';
import type { SchemaOptions } from './schema/schema-remarks.ts';

/** Everything the schema and the rules have to say of a manifest, whatever JSON value it is. */
export async function inspectManifest(value: JsonValue, options: SchemaOptions): Promise<Remark[]> {
  const errors = schemaErrors(value);
  if (errors.length === 0) return ruleRemarks(new ManifestView(value));
  // The words for what is wrong are needed only where something is.
  const { oldBooleans, schemaRemarks } = await import('./schema/schema-remarks.ts');
  const view = new ManifestView(value, oldBooleans(errors, value, options));
  return [...schemaRemarks(errors, value, options), ...ruleRemarks(view)];
}

function ruleRemarks(view: ManifestView): Remark[] {
  return rules.flatMap((rule) => [...rule(view)]);
}
