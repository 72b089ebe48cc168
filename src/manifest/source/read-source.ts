import { readJson } from './json.ts';
import { Lines } from './position.ts';
import { type SourceProblem, type SourceReading, Unreadable, unreadable } from './source.ts';

/** A manifest has some KiB; the limit keeps every answer within two seconds, whatever the parsers are given. */
export const maxBytes = 128 * 1024;

export interface TextReading {
  /** The text without a byte-order mark, by lines. */
  readonly lines: Lines;
  readonly reading: SourceReading;
}

/**
 * Reads a manifest file. The name's ending says what is in it. Without one that does, JSON begins with a brace or a
 * bracket, and everything else is YAML.
 *
 * @param bytes the whole file, or the first part of one that is over the limit
 * @param name the file's name, for its ending
 */
export async function readSource(bytes: Uint8Array, name: string): Promise<TextReading> {
  if (bytes.length > maxBytes) {
    const hint = 'This is hardly a manifest: a real one has some KiB. Check the name.';
    const message = `the file has more than ${maxBytes / 1024} KiB`;
    return { lines: new Lines(''), reading: unreadable({ rule: 'too-large', message, hint, offset: 0 }) };
  }
  const hasMark = utf8Mark.every((byte, index) => bytes[index] === byte);
  const { text, valid } = decode(hasMark ? bytes.subarray(utf8Mark.length) : bytes);
  const lines = new Lines(text);
  const nulAt = text.indexOf('\u0000');
  if (nulAt !== -1 || !valid) {
    const message = nulAt === -1 ? 'the file holds bytes that are no UTF-8' : 'the file holds a NUL byte';
    const hint = 'Save it as UTF-8 text: this one is binary, or in another encoding such as UTF-16.';
    const offset = nulAt === -1 ? text.indexOf('\ufffd') : nulAt;
    return { lines, reading: unreadable({ rule: 'encoding', message, hint, offset }) };
  }
  const reading = await readText(text, name).catch((error: unknown) => {
    if (error instanceof Unreadable) return unreadable(error.problem);
    throw error;
  });
  return {
    lines,
    reading: hasMark ? { ...reading, problems: [byteOrderMark, ...reading.problems] } : reading,
  };
}

async function readText(text: string, name: string): Promise<SourceReading> {
  // Neither JSON nor the indented parts of YAML can hold such a line.
  const conflict = /^<{7} /m.exec(text);
  if (conflict) {
    const message = 'a merge conflict begins here';
    const hint = 'Keep one of the two sides, and remove the lines that mark them.';
    return unreadable({ rule: 'syntax', message, hint, offset: conflict.index });
  }
  if (/\.json$/i.test(name)) return readJson(text);
  // A comment in front is a mistake in JSON, and nothing that a YAML manifest begins with.
  if (/^\s*(?:[{[]|\/[/*])/.test(text)) {
    const json = readJson(text);
    if (json.ok || !/\.ya?ml$/i.test(name)) return json;
  }
  const { readYaml } = await import('./yaml.ts');
  return readYaml(text);
}

const utf8Mark = [0xef, 0xbb, 0xbf];

/** Decodes UTF-8; where it is none, U+FFFD stands for what cannot be decoded. */
function decode(bytes: Uint8Array): { readonly text: string; readonly valid: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), valid: true };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), valid: false };
  }
}

const byteOrderMark: SourceProblem = {
  rule: 'byte-order-mark',
  severity: 'warning',
  pointer: '',
  message: 'the file starts with a byte-order mark',
  hint: 'Save it as UTF-8 without one: not every JSON reader takes it.',
  offset: 0,
};
