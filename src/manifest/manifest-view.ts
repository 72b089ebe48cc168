import { child, isObject, type JsonObject, type JsonValue, type Pointer, valueAt } from './json-value.ts';

export interface TextAt {
  readonly text: string;
  readonly pointer: Pointer;
}

/**
 * A manifest as the rules ask about it. It answers for any JSON value whatsoever: what has the wrong type is absent
 * here, since the schema has said so already.
 */
export class ManifestView {
  readonly value: JsonValue;

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
    return typeof value === 'string' ? { text: value, pointer } : undefined;
  }

  /** The items of a list with their pointers; none where there is no list. */
  items(pointer: Pointer): { readonly value: JsonValue; readonly pointer: Pointer }[] {
    const list = valueAt(this.value, pointer);
    return Array.isArray(list) ? list.map((value, index) => ({ value, pointer: child(pointer, index) })) : [];
  }

  /** The items of a list that are text. */
  texts(pointer: Pointer): TextAt[] {
    return this.items(pointer).flatMap(({ value, pointer: at }) =>
      typeof value === 'string' ? [{ text: value, pointer: at }] : [],
    );
  }

  get socketMode(): boolean {
    return this.isTrue('/settings/socket_mode_enabled');
  }

  scopes(kind: 'bot' | 'user' | 'bot_optional' | 'user_optional'): TextAt[] {
    return this.texts(`/oauth_config/scopes/${kind}`);
  }

  hasScope(kind: 'bot' | 'user', scope: string): boolean {
    return this.scopes(kind).some(({ text }) => text === scope);
  }
}
