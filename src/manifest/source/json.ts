import { parse, type ValueNode } from '@humanwhocodes/momoa';
import { child, type JsonValue, type Pointer } from '../../json-value.ts';
import {
  duplicateKey,
  maxDepth,
  maxItems,
  type Place,
  place,
  type SourceProblem,
  type SourceReading,
  tooDeep,
  tooManyItems,
  Unreadable,
  unreadable,
} from './source.ts';

/** Reads JSON (RFC 8259), and notes where each part of it is. */
export function readJson(text: string): SourceReading {
  const deep = firstTooDeep(text);
  if (deep !== undefined) return unreadable(tooDeep(deep));
  // JSON.parse decides what is valid: it is stricter than the parser that knows offsets.
  const syntaxError = strictSyntaxError(text);
  if (syntaxError) return unreadable({ rule: 'syntax', ...syntaxError });

  const problems: SourceProblem[] = [];
  const read = (node: ValueNode, pointer: Pointer, { parts }: Place): JsonValue => {
    switch (node.type) {
      case 'Array':
        if (node.elements.length > maxItems) throw new Unreadable(tooManyItems(node.loc.start.offset));
        return node.elements.map(({ value }, index) => {
          const at = place(value.loc.start.offset);
          parts.set(String(index), at);
          return read(value, child(pointer, index), at);
        });
      case 'Object': {
        const object: Record<string, JsonValue> = Object.create(null);
        for (const { name, value } of node.members) {
          const key = name.type === 'String' ? name.value : name.name;
          const keyOffset = name.loc.start.offset;
          const at = place(value.loc.start.offset, keyOffset);
          const itemPointer = child(pointer, key);
          if (parts.has(key)) problems.push(duplicateKey(key, itemPointer, keyOffset));
          parts.set(key, at);
          object[key] = read(value, itemPointer, at);
        }
        return object;
      }
      case 'Null':
        return null;
      case 'String':
      case 'Number':
      case 'Boolean':
        return node.value;
      case 'NaN':
      case 'Infinity':
        throw new Error('JSON has neither NaN nor Infinity, and JSON.parse accepted the text');
    }
  };
  const { body } = parse(text, { mode: 'json' });
  const whole = place(body.loc.start.offset);
  return { ok: true, document: { format: 'json', value: read(body, '', whole), place: whole }, problems };
}

type SyntaxProblem = Pick<SourceProblem, 'message' | 'hint' | 'offset'>;

function strictSyntaxError(text: string): SyntaxProblem | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return describe(text, offsetOf(error, text));
  }
}

/** V8 gives the offset in most of its messages; where it does not, the text ended too early. */
function offsetOf(error: unknown, text: string): number {
  const message = error instanceof Error ? error.message : '';
  const found = /at position (\d+)/.exec(message)?.[1];
  if (found !== undefined) return Number(found);
  return offsetOfMomoa(text) ?? text.length;
}

function offsetOfMomoa(text: string): number | undefined {
  try {
    parse(text, { mode: 'json' });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'offset' in error && typeof error.offset === 'number')) return undefined;
    // It reports the end of the file at the start of the last token.
    return error.message.includes('end of input') ? text.length : error.offset;
  }
}

function describe(text: string, offset: number): SyntaxProblem {
  const character = text.charAt(offset);
  const before = text.slice(0, offset).trimEnd();
  if (text.trim() === '') {
    return {
      message: 'the file is empty',
      hint: 'Create a manifest with: spacelift-slack manifest --domain <domain>',
      offset: 0,
    };
  }
  if (character === '') {
    return {
      message: 'the file ends in the middle of a value',
      hint: 'Copy it again, up to the last closing brace.',
      offset: text.length,
    };
  }
  if ((character === '}' || character === ']') && before.endsWith(',')) {
    return {
      message: `a comma precedes the closing ${character}`,
      hint: 'Remove it: JSON allows no trailing comma.',
      offset: before.length - 1,
    };
  }
  if (character < ' ') {
    return {
      message: 'a string contains a line break or another control character',
      hint: 'Escape it: \\n for a line break, \\t for a tab.',
      offset,
    };
  }
  if (text.startsWith('//', offset) || text.startsWith('/*', offset)) {
    return { message: 'a comment begins here', hint: 'Remove it: JSON has no comments.', offset };
  }
  if (/\s|\u200b/.test(character)) {
    return {
      message: 'this is a space that JSON does not allow, such as a no-break space',
      hint: 'Replace it with a plain space.',
      offset,
    };
  }
  if (character === "'") {
    return {
      message: 'a single quote begins here',
      hint: 'Write strings and keys in double quotes.',
      offset,
    };
  }
  return {
    message: `unexpected ${JSON.stringify(character)}`,
    hint:
      before === ''
        ? 'Begin JSON with a brace; give a YAML file a name that ends in .yaml.'
        : 'Look for a missing comma, colon, quote or brace just before this place.',
    offset,
  };
}

/** The offset of the first bracket beyond the depth limit; the parsers recurse and would run out of stack. */
function firstTooDeep(text: string): number | undefined {
  let depth = 0;
  let inString = false;
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text[offset];
    if (inString) {
      if (character === '\\') offset += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > maxDepth) return offset;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return undefined;
}
