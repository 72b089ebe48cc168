import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { child, isObject, type JsonValue, keysOf, type Pointer } from '../../json-value.ts';
import {
  duplicateKey,
  maxDepth,
  maxItems,
  type Place,
  place,
  problem,
  type SourceProblem,
  type SourceReading,
  type TextProblem,
  tooDeep,
  tooManyItems,
  Unreadable,
  unreadable,
} from './source.ts';

/** Aliases can multiply a large part; more values than this are an attack or an accident. */
const maxValues = 100_000;

/** Reads YAML 1.2, and notes where each part of it is. */
export function readYaml(text: string): SourceReading {
  const [document, second] = parseAllDocuments(text, {
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!document) {
    return unreadable({
      rule: 'syntax',
      message: 'the file is empty',
      hint: 'Create a manifest with: spacelift-slack manifest --domain <domain>',
      offset: 0,
    });
  }
  // What the parser reports where it ran out of stack.
  const overflow = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (overflow) return unreadable(tooDeep(overflow.pos[0]));
  const [syntaxError] = document.errors;
  if (syntaxError) {
    const template = unquotedPlaceholder(text, syntaxError.pos[0]);
    if (template) return unreadable(template);
    const message = lowerFirst(syntaxError.message.split('\n')[0] ?? '');
    return unreadable({
      rule: 'syntax',
      message: `invalid YAML: ${message}`,
      hint: 'Check the indentation and the quotes just before this place.',
      offset: syntaxError.pos[0],
    });
  }
  if (second) {
    return unreadable({
      rule: 'syntax',
      message: 'a second YAML document begins here',
      hint: 'Write one manifest a file.',
      offset: second.contents?.range?.[0] ?? document.range[2],
    });
  }
  const directives = text.slice(0, document.range[0]).matchAll(/^%.*/gm);
  return readContents(document, text, Array.from(directives, directive));
}

function readContents(
  document: Document.Parsed<ParsedNode>,
  text: string,
  directives: readonly SourceProblem[],
): SourceReading {
  const reader = new ContentReader(text);
  const whole = place(document.contents?.range?.[0] ?? 0);
  const value = reader.read(document.contents, '', whole);
  return {
    ok: true,
    document: {
      format: 'yaml',
      value,
      locate: async () => whole,
      isQuoted: (pointer) => isQuoted(pointer, whole),
    },
    problems: [...directives, ...reader.problems],
  };
}

function isQuoted(pointer: Pointer, whole: Place): boolean {
  let found: Place | undefined = whole;
  for (const key of keysOf(pointer)) found = found?.parts.get(key);
  return found?.quoted ?? false;
}

function directive({ 0: line, index }: RegExpExecArray): SourceProblem {
  return problem('yaml-tag', index, { pointer: '', message: `${line.trimEnd()} is a YAML directive` });
}

/** Turns the parser's tree into a value, with its aliases replaced by what they stand for. */
class ContentReader {
  readonly #text: string;
  readonly problems: SourceProblem[] = [];
  /** The anchors so far: a name may be used again, and then means the later part. */
  readonly #anchors = new Map<string, Node>();
  /** The parts that are being read, from the outermost to the innermost. */
  readonly #open = new Set<Node>();
  /** The parts whose tags are reported, though they may be read again through an alias. */
  readonly #tagged = new Set<Node>();
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(node: Node | null, pointer: Pointer, at: Place): JsonValue {
    this.#values += 1;
    if (this.#values > maxValues) throw new Unreadable(tooMany(at.value));
    if (node === null) return null;
    if (isAlias(node)) return this.#readAlias(node.source, pointer, at);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#checkTag(node, pointer, at.value);
    if (isScalar(node)) return scalarValue(node);
    if (this.#open.size >= maxDepth) throw new Unreadable(tooDeep(at.value));
    this.#open.add(node);
    try {
      if (isSeq(node)) return this.#readList(node, pointer, at);
      return isMap(node) ? this.#readObject(node, pointer, at) : null;
    } finally {
      this.#open.delete(node);
    }
  }

  #readList({ items }: YAMLSeq, pointer: Pointer, { value, parts }: Place): JsonValue {
    if (items.length > maxItems) throw new Unreadable(tooManyItems(value));
    return items.map((item, index) => {
      const node = asNode(item);
      const at = place(node?.range?.[0] ?? value, undefined, isQuotedText(node));
      parts.set(String(index), at);
      return this.read(node, child(pointer, index), at);
    });
  }

  #readObject({ items }: YAMLMap, pointer: Pointer, { value: start, parts }: Place): JsonValue {
    const object: Record<string, JsonValue> = Object.create(null);
    const merged: (readonly [JsonValue, Place])[] = [];
    for (const pair of items) {
      const keyNode = asNode(pair.key);
      const keyOffset = keyNode?.range?.[0] ?? start;
      const key = this.#readKey(keyNode, keyOffset);
      const itemPointer = child(pointer, key);
      if (keyNode) this.#checkTag(keyNode, itemPointer, keyOffset);
      const valueNode = asNode(pair.value);
      const at = place(valueNode?.range?.[0] ?? keyOffset, keyOffset, isQuotedText(valueNode));
      const value = this.read(valueNode, itemPointer, at);
      if (isMergeKey(keyNode)) {
        merged.push([value, at]);
        continue;
      }
      if (parts.has(key)) this.problems.push(duplicateKey(key, itemPointer, keyOffset));
      parts.set(key, at);
      object[key] = value;
    }
    for (const [value, at] of merged) mergeInto(object, parts, value, at);
    return object;
  }

  #readAlias(name: string, pointer: Pointer, at: Place): JsonValue {
    this.problems.push(problem('yaml-alias', at.value, { pointer, message: `*${name} is a YAML alias` }));
    const target = this.#anchors.get(name);
    if (target && !this.#open.has(target)) return this.read(target, pointer, at);
    throw new Unreadable({
      rule: 'syntax',
      message: target ? `the alias *${name} contains itself` : `no anchor precedes the alias *${name}`,
      hint: 'Repeat the value instead.',
      offset: at.value,
    });
  }

  #checkTag(node: Node, pointer: Pointer, offset: number): void {
    if (node.tag === undefined || this.#tagged.has(node)) return;
    this.#tagged.add(node);
    const tag = node.tag.replace('tag:yaml.org,2002:', '!!');
    this.problems.push(
      problem('yaml-tag', offset, {
        pointer,
        message: `the value has the YAML tag ${tag}`,
        hint: 'Write the plain value, a string in quotes: Slack does not document YAML tags.',
      }),
    );
  }

  #readKey(node: Node | null, offset: number): string {
    if (node === null) return '';
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    throw new Unreadable(
      unquotedPlaceholder(this.#text, offset) ?? {
        rule: 'syntax',
        message: 'a key is an array, an object or an alias',
        hint: 'Write keys as plain words.',
        offset,
      },
    );
  }
}

/**
 * `<<` is not part of YAML 1.2, but most readers support it: keys written beside it take precedence over merged ones.
 * Under version 1.1 the parser turns it into a symbol.
 */
function isMergeKey(node: Node | null): boolean {
  return isScalar(node) && node.source === '<<' && node.type === 'PLAIN';
}

function isQuotedText(node: Node | null): boolean {
  return isScalar(node) && node.type !== 'PLAIN';
}

function mergeInto(
  object: Record<string, JsonValue>,
  parts: Map<string, Place>,
  value: JsonValue,
  at: Place,
): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      mergeInto(object, parts, item, at.parts.get(String(index)) ?? at);
    }
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (parts.has(key)) continue;
      object[key] = item;
      parts.set(key, at.parts.get(key) ?? at);
    }
  }
}

function scalarValue(node: Scalar): JsonValue {
  const { value } = node;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  // JSON has no Infinity, NaN, timestamps or binary values, so the text itself is the value.
  return node.source ?? String(value);
}

function asNode(item: unknown): Node | null {
  return isScalar(item) || isMap(item) || isSeq(item) || isAlias(item) ? item : null;
}

function tooMany(offset: number): TextProblem {
  return {
    rule: 'too-large',
    message: `the file has more than ${maxValues} values once its aliases are replaced`,
    hint: 'Write the manifest without anchors.',
    offset,
  };
}

/** A template's placeholder at the start of a value in the line around an offset, where YAML reads it as something else. */
function unquotedPlaceholder(text: string, offset: number): TextProblem | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const found = /(?:^\s*|[:-]\s+)(\{\{[^{}]*\}\}|\{%[^{}]*%\}|%\w+%|@\w+@|\[[^[\]]+\](?=[^\s,]))/d.exec(line);
  const [, mark] = found ?? [];
  if (mark === undefined) return undefined;
  return {
    rule: 'syntax',
    message: `the placeholder ${mark} is not in quotes`,
    hint: 'Put the whole value in quotes, or fill in the template first.',
    offset: start + (found?.indices?.[1]?.[0] ?? 0),
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
