import { readJson } from './json.ts';
import { Lines } from './position.ts';
import { problem, type SourceReading, Unreadable, unreadable } from './source.ts';

/** A manifest has a few KiB. The limit keeps every check within two seconds, whatever the parsers are given. */
export const maxBytes = 128 * 1024;

export interface TextReading {
  /** The text without a byte-order mark, by lines. */
  readonly lines: Lines;
  readonly reading: SourceReading;
}

/**
 * Reads a manifest file. The ending of its name says whether it is JSON or YAML. Otherwise, a text that begins with a
 * brace or a bracket is JSON, and any other is YAML.
 *
 * @param bytes the whole file, or the first part of one that exceeds the limit
 * @param name the file's name, for its ending
 */
export async function readSource(bytes: Uint8Array, name: string): Promise<TextReading> {
  if (bytes.length > maxBytes) {
    const message = `the file has more than ${maxBytes / 1024} KiB`;
    return { lines: new Lines(''), reading: unreadable({ rule: 'too-large', message, offset: 0 }) };
  }
  const hasMark = utf8Mark.every((byte, index) => bytes[index] === byte);
  const { text, valid } = decode(hasMark ? bytes.subarray(utf8Mark.length) : bytes);
  const lines = new Lines(text);
  const nulAt = text.indexOf('\u0000');
  if (nulAt !== -1 || !valid) {
    const message = nulAt === -1 ? 'the file is not UTF-8' : 'the file contains a NUL byte';
    const offset = nulAt === -1 ? text.indexOf('\ufffd') : nulAt;
    return { lines, reading: unreadable({ rule: 'encoding', message, offset }) };
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
  if (isEnvFile(text)) {
    const message = 'this looks like an env file, not a Slack app manifest';
    return unreadable({ rule: 'not-a-manifest', at: 'file', message, offset: 0 });
  }
  // Neither JSON nor an indented part of YAML can contain such a line.
  const conflict = /^<{7} /m.exec(text);
  if (conflict) {
    const message = 'a merge conflict begins here';
    const hint = 'Keep one of the two sides, and remove the conflict markers.';
    return unreadable({ rule: 'syntax', message, hint, offset: conflict.index });
  }
  if (/\.json$/i.test(name)) return readJson(text);
  // A comment in front is a mistake in JSON, and no YAML manifest begins like that.
  if (/^\s*(?:[{[]|\/[/*])/.test(text)) {
    const json = await readJson(text);
    if (json.ok || !/\.ya?ml$/i.test(name)) return json;
  }
  const { readYaml } = await import('./yaml.ts');
  return readYaml(text);
}

/** Whether the first line that is not a comment assigns a variable, alone or at the start of an INI section. */
function isEnvFile(text: string): boolean {
  const [first = '', second = ''] = text.split(/\r\n|\r|\n/).filter((line) => !/^\s*(?:[#;]|$)/.test(line));
  const assignment = /^\s*(?:export\s+)?[A-Za-z_][\w.]*\s*=/;
  return assignment.test(first) || (/^\s*\[[^\]]+\]\s*$/.test(first) && assignment.test(second));
}

const utf8Mark = [0xef, 0xbb, 0xbf];

/** Decodes UTF-8; bytes that are not UTF-8 become U+FFFD. */
function decode(bytes: Uint8Array): { readonly text: string; readonly valid: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), valid: true };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), valid: false };
  }
}

const byteOrderMark = problem('byte-order-mark', 0, {
  pointer: '',
  message: 'the file starts with a byte-order mark',
});
