import { Lines } from './position.ts';
import { type SourceProblem, type SourceReading, unreadable } from './source.ts';
import { readJson } from './source-json.ts';

/** A manifest has some KiB; the limit keeps every answer within two seconds. */
export const maxBytes = 512 * 1024;

export interface TextReading {
  /** The text without a byte-order mark, by lines. */
  readonly lines: Lines;
  readonly reading: SourceReading;
}

/**
 * Reads a manifest file. JSON begins with a brace or a bracket; everything else is YAML, and so is a flow mapping in
 * a file with a YAML name.
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
  const { text: decoded, invalidAt } = decode(bytes);
  const hasMark = decoded.startsWith('\ufeff');
  const text = hasMark ? decoded.slice(1) : decoded;
  const lines = new Lines(text);
  const nulAt = text.indexOf('\u0000');
  if (nulAt !== -1 || invalidAt !== undefined) {
    const message = nulAt === -1 ? 'the file holds bytes that are no UTF-8' : 'the file holds a NUL byte';
    const hint = 'Save it as UTF-8 text: this one is binary, or in another encoding such as UTF-16.';
    const offset = nulAt === -1 ? (invalidAt ?? 0) : nulAt;
    return { lines, reading: unreadable({ rule: 'encoding', message, hint, offset }) };
  }
  const reading = await readText(text, name);
  return {
    lines,
    reading: hasMark ? { ...reading, problems: [byteOrderMark, ...reading.problems] } : reading,
  };
}

async function readText(text: string, name: string): Promise<SourceReading> {
  const looksLikeJson = /^\s*[{[]/.test(text) || (text.trim() === '' && name.endsWith('.json'));
  if (looksLikeJson) {
    const json = readJson(text);
    if (json.ok || !/\.ya?ml$/i.test(name)) return json;
  }
  const { readYaml } = await import('./source-yaml.ts');
  return readYaml(text);
}

function decode(bytes: Uint8Array): { readonly text: string; readonly invalidAt?: number } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    // Decoded once more with U+FFFD for what is no UTF-8, to find the place.
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    return { text, invalidAt: text.indexOf('\ufffd') };
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
