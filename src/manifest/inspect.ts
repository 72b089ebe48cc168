import type { JsonValue } from '../json-value.ts';
import { type Remark, toRemark } from './finding.ts';
import { ManifestView } from './manifest-view.ts';
import { rules } from './rules/catalogue.ts';
import { schemaErrors } from './schema/schema-errors.ts';
import type { SchemaOptions } from './schema/schema-remarks.ts';

/** Checks any JSON value against the schema of a manifest and the rules between its fields. */
export async function inspectManifest(value: JsonValue, options: SchemaOptions): Promise<Remark[]> {
  const errors = schemaErrors(value);
  if (errors.length === 0) return ruleRemarks(new ManifestView(value));
  // A valid manifest does not need the wording of the schema's errors, so a start does not load it.
  const [{ otherFile }, { oldBooleans, schemaRemarks }] = await Promise.all([
    import('./schema/other-file.ts'),
    import('./schema/schema-remarks.ts'),
  ]);
  const other = otherFile(value);
  if (other) return [other];
  const view = new ManifestView(value, oldBooleans(errors, value, options));
  return [...schemaRemarks(errors, value, options), ...ruleRemarks(view)];
}

function ruleRemarks(view: ManifestView): Remark[] {
  return rules.flatMap((rule) =>
    [...(rule.check?.(view) ?? [])].map((violation) => toRemark(rule, violation)),
  );
}
