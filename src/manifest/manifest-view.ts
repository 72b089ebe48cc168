import { child, isObject, type JsonObject, type JsonValue, type Pointer, valueAt } from './json-value.ts';

export interface TextAt {
  readonly text: string;
  readonly pointer: Pointer;
}

export type ScopeList = 'bot' | 'user' | 'bot_optional' | 'user_optional';

/**
 * A manifest as the rules ask about it. It answers for any JSON value whatsoever: what has the wrong type and texts
 * that are empty are absent here, since the schema has said so already.
 */
export class ManifestView {
  readonly value: JsonValue;
  readonly #scopeNames = new Map<ScopeList, ReadonlySet<string>>();

  constructor(value: JsonValue) {
    this.value = value;
  }

  has(pointer: Pointer): boolean {
    return valueAt(this.value, pointer) !== undefined;
  }

  object(pointer: Pointer): JsonObject | undefined {
    const value = valueAt(this.value, pointer);
    return isObject(value) ? value : undefined;
  }

  isTrue(pointer: Pointer): boolean {
    return valueAt(this.value, pointer) === true;
  }

  text(pointer: Pointer): TextAt | undefined {
    const value = valueAt(this.value, pointer);
    return isText(value) ? { text: value, pointer } : undefined;
  }

  /** The items of a list with their pointers; none where there is no list. */
  items(pointer: Pointer): { readonly value: JsonValue; readonly pointer: Pointer }[] {
    const list = valueAt(this.value, pointer);
    return Array.isArray(list) ? list.map((value, index) => ({ value, pointer: child(pointer, index) })) : [];
  }

  /** The items of a list that are text. */
  texts(pointer: Pointer): TextAt[] {
    return this.items(pointer).flatMap(({ value, pointer: at }) =>
      isText(value) ? [{ text: value, pointer: at }] : [],
    );
  }

  /** True where Slack needs no URL to reach the app: it keeps a socket open, or Slack runs its code. */
  get needsNoUrl(): boolean {
    return (
      this.isTrue('/settings/socket_mode_enabled') ||
      this.isTrue('/settings/is_hosted') ||
      this.text('/settings/function_runtime')?.text === 'slack'
    );
  }

  scopes(list: ScopeList): TextAt[] {
    return this.texts(`/oauth_config/scopes/${list}`);
  }

  hasScope(list: ScopeList, scope: string): boolean {
    let names = this.#scopeNames.get(list);
    if (!names) {
      names = new Set(this.scopes(list).map(({ text }) => text));
      this.#scopeNames.set(list, names);
    }
    return names.has(scope);
  }
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
