import { child, isObject, type JsonValue, type Pointer, valueAt } from '../../json-value.ts';
import { nearest } from '../../text/nearest.ts';
import { type Remark, remark } from '../finding.ts';
import type { RuleId } from '../rules/catalogue.ts';
import type { SourceFormat } from '../source/source.ts';
import { definitionFor, descriptionOf } from './definition.ts';
import type { SchemaError } from './schema-errors.ts';
import { UnknownKeys } from './unknown-key.ts';

export interface SchemaOptions {
  /** Reports unknown keys as warnings, for manifests that Slack exported with keys that the schema lacks. */
  readonly lenient: boolean;
  readonly format: SourceFormat;
  /** Whether the string at a pointer is in quotes, for YAML. */
  readonly isQuoted?: (pointer: Pointer) => boolean;
}

/** Words the schema's errors, in no particular order. */
export function schemaRemarks(
  errors: readonly SchemaError[],
  document: JsonValue,
  options: SchemaOptions,
): Remark[] {
  // Any other error about a value of the wrong type would only confuse.
  const wrongTypes = new Map(
    errors.filter(({ keyword }) => keyword === 'type').map((error) => [error.instancePath, error]),
  );
  const wording = new Wording(document, options);
  return errors
    .filter((error) => (wrongTypes.get(error.instancePath) ?? error) === error)
    .flatMap((error) => wording.remarks(error));
}

class Wording {
  readonly #document: JsonValue;
  readonly #options: SchemaOptions;
  readonly #unknownKeys: UnknownKeys;
  /** Slack calls no URL, so nothing is reported about one that it would call. */
  readonly #usesSocketMode: boolean;

  constructor(document: JsonValue, options: SchemaOptions) {
    this.#document = document;
    this.#options = options;
    this.#unknownKeys = new UnknownKeys(options.lenient);
    this.#usesSocketMode = valueAt(document, '/settings/socket_mode_enabled') === true;
  }

  remarks(error: SchemaError): Remark[] {
    const pointer = error.instancePath;
    const isCalled = definitionFor(pointer).name?.startsWith('calledUrl') ?? false;
    if (isCalled && this.#usesSocketMode && error.keyword !== 'type') return [];
    if (error.keyword === 'uniqueItems') return repeatedItems(pointer, this.#document);
    const found = this.#remark(error, pointer, valueAt(this.#document, pointer) ?? null);
    return found ? [found] : [];
  }

  #remark(error: SchemaError, pointer: Pointer, value: JsonValue): Remark | undefined {
    const limit = Number(error.params['limit']);
    switch (error.keyword) {
      case 'additionalProperties':
        return this.#unknownKeys.report(pointer, String(error.params['additionalProperty']));
      case 'required':
        return missingKey(pointer, String(error.params['missingProperty']));
      case 'type':
        return wrongType(pointer, value, String(error.params['type']), this.#options);
      case 'enum':
        return notAllowed(pointer, value);
      case 'not':
        return remark('unlisted-key', {
          pointer,
          at: 'key',
          message: `Slack documents or exports ${pointer.split('/').at(-1)}, but its published schema lacks it`,
        });
      case 'minLength':
        return remark('too-short', {
          pointer,
          message:
            limit === 1 ? 'the string is empty' : `too short: ${length(value)} characters, minimum ${limit}`,
          ...(limit === 1 ? { hint: 'Write a value, or remove the key.' } : {}),
        });
      case 'maxLength':
        return remark('too-long', {
          pointer,
          message: `too long: ${length(value)} characters, maximum ${limit}`,
        });
      case 'minItems':
        return remark('too-few-items', { pointer, message: 'the array is empty' });
      case 'maxItems':
        return remark('too-many-items', {
          pointer,
          message: `too many items: ${Array.isArray(value) ? value.length : 0}, maximum ${limit}`,
        });
      case 'pattern':
        return mismatch(pointer, value);
      default:
        throw new Error(`the schema uses the keyword ${error.keyword}, for which there is no wording`);
    }
  }
}

/** The validator reports one pair only. */
function repeatedItems(pointer: Pointer, document: JsonValue): Remark[] {
  const list = valueAt(document, pointer);
  const seen = new Set<JsonValue>();
  return (Array.isArray(list) ? list : []).flatMap((item: JsonValue, index): Remark[] => {
    if (!seen.has(item)) {
      seen.add(item);
      return [];
    }
    const message = `${JSON.stringify(item)} is listed twice`;
    return [remark('repeated-item', { pointer: child(pointer, index), message })];
  });
}

function missingKey(pointer: Pointer, key: string): Remark {
  const description = descriptionOf(pointer, key);
  const about =
    description === undefined
      ? ''
      : `: ${description.charAt(0).toLowerCase()}${description.slice(1).replace(/\.$/, '')}`;
  return remark('missing-key', {
    pointer,
    message: `the key ${key} is missing`,
    hint: `Add ${key}${about}.`,
  });
}

function notAllowed(pointer: Pointer, value: JsonValue): Remark {
  const { schema } = definitionFor(pointer);
  const list = isObject(schema) ? schema['enum'] : undefined;
  const allowed = Array.isArray(list) ? list : [];
  const meant = typeof value === 'string' ? nearest(value, allowed.map(String)) : undefined;
  return remark('not-allowed-value', {
    pointer,
    message: `${JSON.stringify(value)} is not one of the allowed values`,
    hint: meant ? `Did you mean ${meant}?` : `Use ${allowed.join(' or ')}.`,
  });
}

function mismatch(pointer: Pointer, value: JsonValue): Remark | undefined {
  const text = JSON.stringify(value);
  const say = (rule: RuleId, message: string, hint?: string): Remark =>
    remark(rule, { pointer, message: `${text} ${message}`, ...(hint === undefined ? {} : { hint }) });
  switch (definitionFor(pointer).name) {
    case 'backgroundColor':
      return say('background-color', 'is not a colour that Slack accepts');
    case 'slashCommandName':
      return say(
        'command-name',
        'does not begin with a slash',
        `Write ${JSON.stringify(`/${String(value)}`)}.`,
      );
    case 'unfurlDomain':
      return say('unfurl-domain', 'is not a plain domain');
    case 'outgoingDomain':
      return say('outgoing-domain', 'is not a plain domain');
    case 'ipRange':
      return say(
        'ip-range',
        'is not an IPv4 address or CIDR range',
        'Write four numbers from 0 to 255, and for a range a slash and its length.',
      );
    case 'calledUrl3000':
    case 'calledUrl3500':
      // The rules for URLs tell a missing scheme, a wrong one and a placeholder apart.
      return undefined;
    default:
      return say('url-invalid', 'is not a web URL', 'Write it in full, beginning with https://.');
  }
}

function wrongType(pointer: Pointer, value: JsonValue, expected: string, options: SchemaOptions): Remark {
  const old = oldBoolean(pointer, value, expected, options);
  if (old !== undefined) {
    return remark('yaml-boolean', {
      pointer,
      message: `${value} is a string in YAML 1.2, and a boolean only in YAML 1.1`,
      hint: `Write ${old}.`,
    });
  }
  const quoting = options.format === 'yaml' && expected === 'string' ? quotingHint(value) : '';
  return remark('wrong-type', {
    pointer,
    message: `expected ${withArticle(expected)}, got ${typeName(value)}`,
    hint: `${pointer === '' ? 'Pass a manifest: an object with display_information' : `Write ${withArticle(expected)}`}.${quoting}`,
    ...(pointer === '' ? { at: 'file' } : {}),
  });
}

/** The boolean as which YAML 1.1 reads a word without quotes, if a boolean is expected there. */
function oldBoolean(
  pointer: Pointer,
  value: JsonValue | undefined,
  expected: unknown,
  { format, isQuoted }: SchemaOptions,
): boolean | undefined {
  if (format !== 'yaml' || expected !== 'boolean' || typeof value !== 'string') return undefined;
  if (isQuoted?.(pointer)) return undefined;
  if (/^(?:yes|on|y)$/i.test(value)) return true;
  return /^(?:no|off|n)$/i.test(value) ? false : undefined;
}

/** The places whose only error is a `yaml-boolean`, each with the boolean that is meant. */
export function oldBooleans(
  errors: readonly SchemaError[],
  document: JsonValue,
  options: SchemaOptions,
): ReadonlyMap<Pointer, boolean> {
  const found = new Map<Pointer, boolean>();
  for (const { instancePath, params } of errors) {
    const old = oldBoolean(instancePath, valueAt(document, instancePath), params['type'], options);
    if (old !== undefined) found.set(instancePath, old);
  }
  return found;
}

/** What YAML makes of a string without quotes. */
function quotingHint(value: JsonValue): string {
  return value === null
    ? ' Quote it if it begins with #: otherwise it is a comment.'
    : ' Quote it if it is meant as a string.';
}

/** Characters as JSON Schema counts them: code points. */
function length(value: JsonValue): number {
  return [...String(value)].length;
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  return withArticle(Array.isArray(value) ? 'array' : typeof value);
}

function withArticle(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
