import { parse } from '@humanwhocodes/momoa';
import type { TextProblem } from './source.ts';

/**
 * What is wrong with a text that `JSON.parse` rejects.
 *
 * @param error what it has thrown
 */
export function syntaxProblem(text: string, error: unknown): TextProblem {
  return { rule: 'syntax', ...describe(text, offsetOf(error, text)) };
}

/** V8 gives the offset in most of its messages, and says where the text ended too early. */
function offsetOf(error: unknown, text: string): number {
  const message = error instanceof Error ? error.message : '';
  // At the end: before it, a message may quote the text.
  const found = /at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1];
  if (found !== undefined) return Number(found);
  if (message === 'Unexpected end of JSON input') return text.length;
  return offsetOfMomoa(text) ?? text.length;
}

function offsetOfMomoa(text: string): number | undefined {
  try {
    parse(text, { mode: 'json' });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'offset' in error && typeof error.offset === 'number')) return undefined;
    return error.offset;
  }
}

function describe(text: string, offset: number): Omit<TextProblem, 'rule'> {
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
