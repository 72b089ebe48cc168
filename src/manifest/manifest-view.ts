import { child, isObject, type JsonObject, type JsonValue, type Pointer, valueAt } from '../json-value.ts';

export interface TextAt {
  readonly text: string;
  readonly pointer: Pointer;
}

export type ScopeList = 'bot' | 'user' | 'bot_optional' | 'user_optional';

/**
 * A manifest as the rules look at it; it may be any JSON value. A value of the wrong type counts as neither present nor
 * missing: the schema reports it, and its intent is unknown. An empty string counts as absent.
 */
export class ManifestView {
  readonly value: JsonValue;
  readonly #oldBooleans: ReadonlyMap<Pointer, boolean>;
  readonly #names = new Map<Pointer, ReadonlySet<string> | undefined>();

  /** @param oldBooleans the places of words such as `yes`, which YAML 1.1 reads as booleans */
  constructor(value: JsonValue, oldBooleans: ReadonlyMap<Pointer, boolean> = new Map()) {
    this.value = value;
    this.#oldBooleans = oldBooleans;
  }

  has(pointer: Pointer): boolean {
    return valueAt(this.value, pointer) !== undefined;
  }

  /** Whether the value is missing, and what would contain it is an object or missing too. */
  lacks(pointer: Pointer): boolean {
    if (this.has(pointer)) return false;
    const parent = pointer.slice(0, pointer.lastIndexOf('/'));
    return this.object(parent) !== undefined || this.lacks(parent);
  }

  object(pointer: Pointer): JsonObject | undefined {
    const value = valueAt(this.value, pointer);
    return isObject(value) ? value : undefined;
  }

  isTrue(pointer: Pointer): boolean {
    return this.#switchAt(pointer) === true;
  }

  isFalse(pointer: Pointer): boolean {
    return this.#switchAt(pointer) === false;
  }

  /** Whether a switch is missing or false. */
  isOff(pointer: Pointer): boolean {
    return this.lacks(pointer) || this.isFalse(pointer);
  }

  #switchAt(pointer: Pointer): JsonValue | undefined {
    return this.#oldBooleans.get(pointer) ?? valueAt(this.value, pointer);
  }

  text(pointer: Pointer): TextAt | undefined {
    const value = valueAt(this.value, pointer);
    return isText(value) ? { text: value, pointer } : undefined;
  }

  /** The items of an array with their pointers; none if there is no array. */
  items(pointer: Pointer): { readonly value: JsonValue; readonly pointer: Pointer }[] {
    const list = valueAt(this.value, pointer);
    return Array.isArray(list) ? list.map((value, index) => ({ value, pointer: child(pointer, index) })) : [];
  }

  /** The items of an array that are strings, but not empty ones. */
  texts(pointer: Pointer): TextAt[] {
    return this.items(pointer).flatMap(({ value, pointer: at }) =>
      isText(value) ? [{ text: value, pointer: at }] : [],
    );
  }

  /** Whether an array is missing or has no items. */
  isEmpty(list: Pointer): boolean {
    const items = valueAt(this.value, list);
    return this.lacks(list) || (Array.isArray(items) && items.length === 0);
  }

  /** Whether an array of strings is missing or does not contain this one. */
  lacksItem(list: Pointer, text: string): boolean {
    if (!this.#names.has(list)) this.#names.set(list, this.#namesIn(list));
    const names = this.#names.get(list);
    return names !== undefined && !names.has(text);
  }

  #namesIn(list: Pointer): ReadonlySet<string> | undefined {
    if (this.lacks(list)) return new Set();
    const items = valueAt(this.value, list);
    const texts = Array.isArray(items) ? items.filter((item) => typeof item === 'string') : undefined;
    return texts?.length === this.items(list).length ? new Set(texts) : undefined;
  }

  /** Slack sends everything over the app's own connections, and calls no URL. */
  get usesSocketMode(): boolean {
    return this.isTrue('/settings/socket_mode_enabled');
  }

  /** Slack reaches the app by URLs alone: it does not use Socket Mode, and Slack does not run its code. */
  get needsUrls(): boolean {
    const runtime = '/settings/function_runtime';
    return (
      this.isOff('/settings/socket_mode_enabled') &&
      this.isOff('/settings/is_hosted') &&
      (this.lacks(runtime) || (this.text(runtime)?.text ?? 'slack') !== 'slack')
    );
  }

  scopes(list: ScopeList): TextAt[] {
    return this.texts(`/oauth_config/scopes/${list}`);
  }

  lacksScope(list: ScopeList, scope: string): boolean {
    return this.lacksItem(`/oauth_config/scopes/${list}`, scope);
  }
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
