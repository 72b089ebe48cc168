import schema from '../../../schemas/slack-app-manifest.schema.json' with { type: 'json' };
import {
  isObject,
  type JsonObject,
  type JsonValue,
  keysOf,
  type Pointer,
  valueAt,
} from '../../json-value.ts';

interface Definition {
  /** The last name under `$defs` on the way here. */
  readonly name: string | undefined;
  readonly schema: JsonValue | undefined;
}

/** The part of the schema that a place in a manifest must match. */
export function definitionFor(pointer: Pointer): Definition {
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

/** The keys that the schema knows at a place. */
export function knownKeys(pointer: Pointer): readonly string[] {
  return Object.keys(propertiesOf(definitionFor(pointer).schema));
}

/** How the schema describes a key of the object at a place. */
export function descriptionOf(pointer: Pointer, key: string): string | undefined {
  const property = follow(propertiesOf(definitionFor(pointer).schema)[key]).schema;
  const description = isObject(property) ? property['description'] : undefined;
  return typeof description === 'string' ? description : undefined;
}

let places: ReadonlyMap<string, readonly string[]> | undefined;

/** The objects in which the schema knows a key, such as `features.slash_commands[]`; an empty string is the manifest. */
export function placesOf(key: string): readonly string[] {
  places ??= placesByKey();
  return places.get(key) ?? [];
}

function placesByKey(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { path, properties } of objectsIn(follow(schema).schema, '')) {
    for (const key of Object.keys(properties)) found.set(key, [...(found.get(key) ?? []), path]);
  }
  return found;
}

interface KnownObject {
  readonly path: string;
  readonly properties: JsonObject;
}

function* objectsIn(part: JsonValue | undefined, path: string): Iterable<KnownObject> {
  if (!isObject(part)) return;
  const properties = propertiesOf(part);
  yield { path, properties };
  for (const [key, property] of Object.entries(properties)) {
    yield* objectsIn(follow(property).schema, path === '' ? key : `${path}.${key}`);
  }
  yield* objectsIn(follow(part['items']).schema, `${path}[]`);
}

function propertiesOf(part: JsonValue | undefined): JsonObject {
  const properties = isObject(part) ? part['properties'] : undefined;
  return isObject(properties) ? properties : {};
}
