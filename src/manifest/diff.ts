import { child, isObject, type JsonObject, type JsonValue, type Pointer, valueAt } from '../json-value.ts';
import { type ChangeKind, diffEffect } from './diff-effect.ts';

/** One difference, told as what would happen to the manifest at hand if it became the wanted one. */
export interface Change {
  readonly kind: ChangeKind;
  /** Into the manifest at hand; for an added item of a list it ends in `-` (RFC 6901). */
  readonly pointer: Pointer;
  /** What is there now; absent where the change adds. */
  readonly from?: JsonValue;
  /** What is wanted; absent where the change removes. */
  readonly to?: JsonValue;
  /** What the difference does to the integration. */
  readonly effect: string;
}

/**
 * Compares two manifests by meaning: the order of scopes and events does not count, nor does what Slack fills in by
 * itself (a switch that is off, an empty list, `_metadata` for version 1) or `$schema`, which is for editors.
 *
 * With Socket Mode, Slack calls no request URL: where one of the two uses it, the URLs do not count.
 *
 * @param actual the manifest at hand: a file, or an export of the live app
 * @param wanted what it should be
 */
export function diffManifests(actual: JsonValue, wanted: JsonValue): Change[] {
  const isCalled = !usesSocketMode(actual) && !usesSocketMode(wanted);
  return [...compare(actual, wanted, '')]
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

function* compare(actual: JsonValue, wanted: JsonValue, pointer: Pointer): Iterable<BareChange> {
  if (isObject(actual) && isObject(wanted)) yield* compareObjects(actual, wanted, pointer);
  else if (Array.isArray(actual) && Array.isArray(wanted)) yield* compareLists(actual, wanted, pointer);
  else if (!same(actual, wanted, pointer)) yield { kind: 'changed', pointer, from: actual, to: wanted };
}

/** Parts of which each key does something of its own, so that a missing one is told key by key. */
const sections = /^\/(?:features|oauth_config|settings)$/;

function* compareObjects(actual: JsonObject, wanted: JsonObject, pointer: Pointer): Iterable<BareChange> {
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(actual)])) {
    const at = child(pointer, key);
    const from = Object.hasOwn(actual, key) ? actual[key] : undefined;
    const to = Object.hasOwn(wanted, key) ? wanted[key] : undefined;
    if (from !== undefined && to !== undefined) yield* compare(from, to, at);
    else if (isObject(to) && sections.test(at)) yield* compareObjects({}, to, at);
    else if (to !== undefined && !isDefault(to, at)) yield { kind: 'added', pointer: at, to };
    else if (from !== undefined && !isDefault(from, at)) yield { kind: 'removed', pointer: at, from };
  }
}

/** Lists of words, of which none can become another. */
const words = /^\/(?:oauth_config\/scopes\/\w+|settings\/event_subscriptions\/(?:bot|user)_events)$/;

/** Lists of objects that are known by one of their keys. */
const identifiedBy: ReadonlyMap<Pointer, string> = new Map([
  ['/features/slash_commands', 'command'],
  ['/features/shortcuts', 'callback_id'],
]);

function* compareLists(
  actual: readonly JsonValue[],
  wanted: readonly JsonValue[],
  pointer: Pointer,
): Iterable<BareChange> {
  const identity = identityOf(pointer);
  const left = new Map(wanted.map((item) => [identity(item), item]));
  const unmatched: (readonly [index: number, from: JsonValue])[] = [];
  for (const [index, from] of actual.entries()) {
    const to = left.get(identity(from));
    if (to === undefined) unmatched.push([index, from]);
    else yield* compare(from, to, child(pointer, index));
    left.delete(identity(from));
  }
  // Where nothing tells the items apart, one that is there has become one that is wanted.
  const replacements = isKnownByItself(pointer) ? [] : [...left.values()];
  for (const [position, [index, from]] of unmatched.entries()) {
    const to = replacements[position];
    if (to === undefined) yield { kind: 'removed', pointer: child(pointer, index), from };
    else yield* compare(from, to, child(pointer, index));
  }
  const added = [...left.values()].slice(Math.min(replacements.length, unmatched.length));
  for (const to of added) yield { kind: 'added', pointer: child(pointer, '-'), to };
}

/** What makes two items of a list the same; the order of no list in a manifest means anything. */
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

/** What Slack takes a missing key for. */
function isDefault(value: JsonValue, pointer: Pointer): boolean {
  if (pointer === '/$schema') return true;
  if (pointer === '/_metadata') return isObject(value) && (value['major_version'] ?? 1) === 1;
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value))
    return Object.entries(value).every(([key, item]) => isDefault(item, child(pointer, key)));
  return value === false;
}
