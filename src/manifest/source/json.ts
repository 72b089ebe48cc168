import { isObject, type JsonValue } from '../../json-value.ts';
import { maxDepth, maxItems, type SourceReading, tooDeep, unreadable } from './source.ts';

/** Reads JSON (RFC 8259). Where its parts are is found out only if something is wrong, which is rare and takes longer. */
export async function readJson(text: string): Promise<SourceReading> {
  const { tooDeepAt, keys } = scan(text);
  if (tooDeepAt !== undefined) return unreadable(tooDeep(tooDeepAt));
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const { syntaxProblem } = await import('./json-syntax.ts');
    return unreadable(syntaxProblem(text, error));
  }
  const locate = async () => (await import('./locate-json.ts')).locateJson(text);
  const { value, keys: distinctKeys, longArray } = copy(parsed);
  const problems = distinctKeys < keys || longArray ? (await locate()).problems : [];
  const document = {
    format: 'json',
    value,
    locate: async () => (await locate()).place,
    isQuoted: () => true,
  } as const;
  return { ok: true, document, problems };
}

/** Copies a value to objects without a prototype, and counts its keys. */
function copy(parsed: JsonValue) {
  let keys = 0;
  let longArray = false;
  const copied = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) {
      longArray ||= value.length > maxItems;
      return value.map(copied);
    }
    if (!isObject(value)) return value;
    const object: Record<string, JsonValue> = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      keys += 1;
      object[key] = copied(item);
    }
    return object;
  };
  return { value: copied(parsed), keys, longArray };
}

interface Scan {
  /** The offset of the first bracket beyond the depth limit; the parsers recurse and would run out of stack. */
  readonly tooDeepAt?: number;
  /** How many keys the objects have, repeated ones too: of those JSON.parse keeps the last. */
  readonly keys: number;
}

function scan(text: string): Scan {
  let depth = 0;
  let keys = 0;
  let inString = false;
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text[offset];
    if (inString) {
      if (character === '\\') offset += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === ':') keys += 1;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > maxDepth) return { tooDeepAt: offset, keys };
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return { keys };
}
