import schema from '../../../schemas/slack-app-manifest.schema.json' with { type: 'json' };
import {
  child,
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  type Pointer,
  valueAt,
} from '../../json-value.ts';
import { nearest } from '../../text/nearest.ts';
import type { Remark, Severity } from '../finding.ts';
import type { RuleId } from '../rules/catalogue.ts';
import type { SourceFormat } from '../source/source.ts';
import type { SchemaError } from './schema-errors.ts';

export interface SchemaOptions {
  /** Makes unknown keys warnings, for exports that carry keys which the schema lacks. */
  readonly lenient: boolean;
  readonly format: SourceFormat;
  /** Whether the text at a pointer stands in quotes, for YAML. */
  readonly isQuoted?: (pointer: Pointer) => boolean;
}

/** Puts what the schema has against a manifest into words, in no particular order. */
export function schemaRemarks(
  errors: readonly SchemaError[],
  document: JsonValue,
  options: SchemaOptions,
): Remark[] {
  // What else the schema has against a value of the wrong type would only confuse.
  const wrongTypes = new Map(
    errors.filter(({ keyword }) => keyword === 'type').map((error) => [error.instancePath, error]),
  );
  return errors
    .filter((error) => (wrongTypes.get(error.instancePath) ?? error) === error)
    .flatMap((error) => toRemarks(error, document, options));
}

function toRemarks(error: SchemaError, document: JsonValue, options: SchemaOptions): Remark[] {
  if (error.keyword === 'uniqueItems') return repeatedItems(error.instancePath, document);
  const remark = toRemark(error, document, options);
  return remark ? [remark] : [];
}

function toRemark(error: SchemaError, document: JsonValue, options: SchemaOptions): Remark | undefined {
  const pointer = error.instancePath;
  const value = valueAt(document, pointer);
  const say = (rule: RuleId, message: string, hint: string, severity: Severity = 'error'): Remark => ({
    rule,
    severity,
    pointer,
    message,
    hint,
  });
  const limit = Number(error.params['limit']);
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(pointer, String(error.params['additionalProperty']), options);
    case 'required': {
      const key = String(error.params['missingProperty']);
      return say('missing-key', `the key ${key} is missing`, `Add ${key}${about(pointer, key)}.`);
    }
    case 'type':
      return wrongType(pointer, value, error.params['type'], options);
    case 'enum': {
      const { schema: part } = definitionFor(pointer);
      const list = isObject(part) ? part['enum'] : undefined;
      const allowed = Array.isArray(list) ? list : [];
      const meant = typeof value === 'string' ? nearest(value, allowed.map(String)) : undefined;
      const hint = meant ? `Did you mean ${meant}?` : `Use ${allowed.join(' or ')}.`;
      return say('not-allowed-value', `${JSON.stringify(value)} is none of the allowed values`, hint);
    }
    case 'minLength':
      return say(
        'too-short',
        `the text has ${length(value)} characters, and ${limit} is the minimum`,
        tooShortHint(limit),
      );
    case 'maxLength':
      return say(
        'too-long',
        `the text has ${length(value)} characters, and ${limit} is the maximum`,
        'Shorten it.',
      );
    case 'minItems':
      return say(
        'too-few-items',
        'the list is empty',
        'Leave the whole key out: Slack refuses an empty list here.',
      );
    case 'maxItems':
      return say(
        'too-many-items',
        `the list has ${itemCount(value)} items, and ${limit} is the maximum`,
        'Remove some.',
      );
    case 'pattern':
      return patternRemark(pointer, value);
    default:
      throw new Error(`the schema uses the keyword ${error.keyword}, for which there are no words`);
  }
}

/** The validator tells of one pair only. */
function repeatedItems(pointer: Pointer, document: JsonValue): Remark[] {
  const list = valueAt(document, pointer);
  const seen = new Set<JsonValue>();
  return (Array.isArray(list) ? list : []).flatMap((item: JsonValue, index): Remark[] => {
    if (!seen.has(item)) {
      seen.add(item);
      return [];
    }
    const message = `${JSON.stringify(item)} stands in the list already`;
    const hint = 'Keep one of the two.';
    return [{ rule: 'repeated-item', severity: 'error', pointer: child(pointer, index), message, hint }];
  });
}

function patternRemark(pointer: Pointer, value: JsonValue | undefined): Remark | undefined {
  const text = JSON.stringify(value);
  const say = (rule: RuleId, message: string, hint: string): Remark => ({
    rule,
    severity: 'error',
    pointer,
    message,
    hint,
  });
  switch (definitionFor(pointer).name) {
    case 'backgroundColor':
      return say(
        'background-color',
        `${text} is not a colour that Slack takes`,
        'Write #rgb or #rrggbb, as in "#131417".',
      );
    case 'slashCommandName':
      return say(
        'command-name',
        `${text} does not begin with a slash`,
        `Write ${JSON.stringify(`/${String(value)}`)}.`,
      );
    case 'unfurlDomain':
      return say(
        'unfurl-domain',
        `${text} is not a bare domain`,
        'Write it in lower case without scheme, path or port.',
      );
    case 'ipRange':
      return say(
        'ip-range',
        `${text} is not an IPv4 address or CIDR range`,
        'Write four numbers from 0 to 255, and for a range a slash and its length.',
      );
    case 'calledUrl3000':
    case 'calledUrl3500':
      // The rules for URLs tell a missing scheme, a wrong one and a placeholder apart.
      return undefined;
    default:
      return say('url-invalid', `${text} is not a web URL`, 'Write it out with https:// in front.');
  }
}

function unknownKey(parent: Pointer, key: string, options: SchemaOptions): Remark {
  return {
    rule: 'unknown-key',
    severity: options.lenient ? 'warning' : 'error',
    pointer: child(parent, key),
    message: `the key "${key}" is unknown here`,
    hint: unknownKeyHint(key, Object.keys(propertiesAt(parent))),
    atKey: true,
  };
}

function unknownKeyHint(key: string, known: readonly string[]): string {
  const bare = key.trim();
  if (bare !== key && known.includes(bare)) return 'Remove the blank around it, a no-break space perhaps.';
  const meant = nearest(key, known);
  return meant ? `Did you mean ${meant}?` : `Leave it out. Known here: ${known.join(', ')}.`;
}

function wrongType(
  pointer: Pointer,
  value: JsonValue | undefined,
  wanted: unknown,
  options: SchemaOptions,
): Remark {
  const type = String(wanted);
  const old = oldBoolean(pointer, value, wanted, options);
  if (old !== undefined) {
    return {
      rule: 'yaml-boolean',
      severity: 'warning',
      pointer,
      message: `${value} is a text in YAML 1.2, and a boolean only for older readers`,
      hint: `Write ${old}.`,
    };
  }
  const became = options.format === 'yaml' && type === 'string' ? quotingHint(value) : '';
  return {
    rule: 'wrong-type',
    severity: 'error',
    pointer,
    message: `this is ${typeName(value)}, and ${withArticle(type)} is wanted`,
    hint: `${pointer === '' ? 'A manifest is one object with display_information in it' : `Give ${withArticle(type)}`}.${became}`,
  };
}

/** What older YAML readers take a text for where a boolean is wanted. */
function oldBoolean(
  pointer: Pointer,
  value: JsonValue | undefined,
  wanted: unknown,
  { format, isQuoted }: SchemaOptions,
): boolean | undefined {
  if (format !== 'yaml' || wanted !== 'boolean' || typeof value !== 'string') return undefined;
  if (isQuoted?.(pointer)) return undefined;
  if (/^(?:yes|on|y)$/i.test(value)) return true;
  return /^(?:no|off|n)$/i.test(value) ? false : undefined;
}

/** The places where the schema's complaint is only a `yaml-boolean`, each with the boolean that is meant. */
export function oldBooleans(
  errors: readonly SchemaError[],
  document: JsonValue,
  options: SchemaOptions,
): ReadonlyMap<Pointer, boolean> {
  const found = new Map<Pointer, boolean>();
  for (const { keyword, instancePath, params } of errors) {
    const old =
      keyword === 'type'
        ? oldBoolean(instancePath, valueAt(document, instancePath), params['type'], options)
        : undefined;
    if (old !== undefined) found.set(instancePath, old);
  }
  return found;
}

/** What YAML makes of a text without quotes. */
function quotingHint(value: JsonValue | undefined): string {
  return value === null
    ? ' One that begins with # needs quotes: it is a comment otherwise.'
    : ' Put it in quotes if it is meant as text.';
}

interface Definition {
  /** The name under `$defs` that led here last. */
  readonly name: string | undefined;
  readonly schema: JsonValue | undefined;
}

/** The part of the schema that a place in a manifest is held to. */
function definitionFor(pointer: Pointer): Definition {
  let found: Definition = follow(schema);
  for (const key of keysOf(pointer)) {
    const { schema: parent } = found;
    if (!isObject(parent)) break;
    const properties = parent['properties'];
    found = follow(isObject(properties) ? properties[key] : parent['items']);
  }
  return found;
}

function follow(part: JsonValue | undefined): Definition {
  const reference = isObject(part) ? part['$ref'] : undefined;
  if (typeof reference !== 'string') return { name: undefined, schema: part };
  return { name: keysOf(reference).at(-1), schema: valueAt(schema, reference.slice(1)) };
}

function propertiesAt(pointer: Pointer): JsonObject {
  const { schema: part } = definitionFor(pointer);
  const properties = isObject(part) ? part['properties'] : undefined;
  return isObject(properties) ? properties : {};
}

/** What the schema says of a key that is missing, as an addition to a hint. */
function about(pointer: Pointer, key: string): string {
  const property = follow(propertiesAt(pointer)[key]).schema;
  const description = isObject(property) ? property['description'] : undefined;
  if (typeof description !== 'string') return '';
  return `: ${description.charAt(0).toLowerCase()}${description.slice(1).replace(/\.$/, '')}`;
}

function tooShortHint(limit: number): string {
  return limit === 1 ? 'Write something, or leave the key out.' : 'Lengthen it, or leave the key out.';
}

/** Characters as JSON Schema counts them: code points. */
function length(value: JsonValue | undefined): number {
  return typeof value === 'string' ? [...value].length : 0;
}

function itemCount(value: JsonValue | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}

function typeName(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  return withArticle(typeof value);
}

function withArticle(type: string): string {
  const name = type === 'array' ? 'list' : type === 'string' ? 'text' : type;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
