import { child, isObject, type JsonObject, type JsonValue, type Pointer, valueAt } from '../json-value.ts';
import { type ChangeKind, diffEffect } from './diff-effect.ts';

/** One difference, as the change that turns the actual manifest into the expected one. */
export interface Change {
  readonly kind: ChangeKind;
  /** In the actual manifest; for an item that is added to an array it ends in `-` (RFC 6901). */
  readonly pointer: Pointer;
  /** The value now; absent if the change adds. */
  readonly from?: JsonValue;
  /** The expected value; absent if the change removes. */
  readonly to?: JsonValue;
  /** What the difference does to the integration. */
  readonly effect: string;
}

/**
 * Compares two manifests by meaning: the order of scopes and events does not matter, nor do the defaults that Slack
 * fills in (a switch that is off, an empty array, `_metadata` for version 1) and `$schema`, which is for editors.
 *
 * With Socket Mode, Slack calls no request URL: if one of the two uses it, the URLs do not matter.
 *
 * @param actual a manifest file, or the export of the live app
 * @param expected what it should be
 */
export function diffManifests(actual: JsonValue, expected: JsonValue): Change[] {
  const isCalled = !usesSocketMode(actual) && !usesSocketMode(expected);
  return [...compare(actual, expected, '')]
    .filter(({ pointer }) => isCalled || !calledUrls.test(pointer))
    .map((change) => ({ ...change, effect: diffEffect(change) }));
}

/** The URLs that Slack calls without Socket Mode. */
const calledUrls =
  /^\/(?:features\/slash_commands\/\d+\/url|settings\/(?:event_subscriptions\/request_url|interactivity\/(?:request_url|message_menu_options_url)))$/;

function usesSocketMode(manifest: JsonValue): boolean {
  return valueAt(manifest, '/settings/socket_mode_enabled') === true;
}

type BareChange = Omit<Change, 'effect'>;

function* compare(actual: JsonValue, expected: JsonValue, pointer: Pointer): Iterable<BareChange> {
  if (isObject(actual) && isObject(expected)) yield* compareObjects(actual, expected, pointer);
  else if (Array.isArray(actual) && Array.isArray(expected)) yield* compareLists(actual, expected, pointer);
  else if (!same(actual, expected, pointer)) yield { kind: 'changed', pointer, from: actual, to: expected };
}

/** Sections in which each key has an effect of its own, so that a missing section is reported key by key. */
const sections = /^\/(?:features|oauth_config|settings)$/;

function* compareObjects(actual: JsonObject, expected: JsonObject, pointer: Pointer): Iterable<BareChange> {
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const at = child(pointer, key);
    const from = Object.hasOwn(actual, key) ? actual[key] : undefined;
    const to = Object.hasOwn(expected, key) ? expected[key] : undefined;
    if (from !== undefined && to !== undefined) yield* compare(from, to, at);
    else if (isObject(to) && sections.test(at)) yield* compareObjects({}, to, at);
    else if (to !== undefined && !isDefault(to, at)) yield { kind: 'added', pointer: at, to };
    else if (from !== undefined && !isDefault(from, at)) yield { kind: 'removed', pointer: at, from };
  }
}

/** Arrays of words: one is added or removed, never changed. */
const words = /^\/(?:oauth_config\/scopes\/\w+|settings\/event_subscriptions\/(?:bot|user)_events)$/;

/** Arrays of objects that are identified by one of their keys. */
const identifiedBy: ReadonlyMap<Pointer, string> = new Map([
  ['/features/slash_commands', 'command'],
  ['/features/shortcuts', 'callback_id'],
]);

function* compareLists(
  actual: readonly JsonValue[],
  expected: readonly JsonValue[],
  pointer: Pointer,
): Iterable<BareChange> {
  const identity = identityOf(pointer);
  const left = new Map(expected.map((item) => [identity(item), item]));
  const unmatched: (readonly [index: number, from: JsonValue])[] = [];
  for (const [index, from] of actual.entries()) {
    const to = left.get(identity(from));
    if (to === undefined) unmatched.push([index, from]);
    else yield* compare(from, to, child(pointer, index));
    left.delete(identity(from));
  }
  // Where nothing identifies the items, the actual ones are compared with the expected ones in order.
  const replacements = isKnownByItself(pointer) ? [] : [...left.values()];
  for (const [position, [index, from]] of unmatched.entries()) {
    const to = replacements[position];
    if (to === undefined) yield { kind: 'removed', pointer: child(pointer, index), from };
    else yield* compare(from, to, child(pointer, index));
  }
  const added = [...left.values()].slice(Math.min(replacements.length, unmatched.length));
  for (const to of added) yield { kind: 'added', pointer: child(pointer, '-'), to };
}

/** What identifies an item of an array; order matters in no array of a manifest. */
function identityOf(pointer: Pointer): (item: JsonValue) => string {
  const key = identifiedBy.get(pointer);
  return (item) => JSON.stringify(key !== undefined && isObject(item) ? (item[key] ?? null) : item);
}

function isKnownByItself(pointer: Pointer): boolean {
  return words.test(pointer) || identifiedBy.has(pointer);
}

function same(a: JsonValue, b: JsonValue, pointer: Pointer): boolean {
  if (pointer === '/display_information/background_color' && typeof a === 'string' && typeof b === 'string') {
    return a.toLowerCase() === b.toLowerCase();
  }
  return a === b;
}

/** Whether the value means the same as a missing key. */
function isDefault(value: JsonValue, pointer: Pointer): boolean {
  if (pointer === '/$schema') return true;
  if (pointer === '/_metadata') return isObject(value) && (value['major_version'] ?? 1) === 1;
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value))
    return Object.entries(value).every(([key, item]) => isDefault(item, child(pointer, key)));
  return value === false;
}
