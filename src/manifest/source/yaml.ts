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
import { child, isObject, type JsonValue, type Pointer } from '../../json-value.ts';
import {
  duplicateKey,
  maxDepth,
  maxItems,
  type Place,
  place,
  type SourceProblem,
  type SourceReading,
  type TextProblem,
  tooDeep,
  tooManyItems,
  Unreadable,
  unreadable,
} from './source.ts';

/** An alias can name a large part many times over; more values than this is an attack or an accident. */
const maxValues = 100_000;

/** Reads YAML 1.2 and remembers where everything stands. */
export function readYaml(text: string): SourceReading {
  try {
    return readDocuments(text);
  } catch (error) {
    // The parser recurses: a stack that ran out is a file that nests too deeply.
    if (error instanceof RangeError) return unreadable(tooDeep(0));
    throw error;
  }
}

function readDocuments(text: string): SourceReading {
  const documents = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  if (!Array.isArray(documents) || documents.length === 0) {
    return unreadable({
      rule: 'syntax',
      message: 'the file is empty',
      hint: 'Render one with: spacelift-slack manifest --domain …',
      offset: 0,
    });
  }
  const [document, second] = documents;
  if (!document) throw new Error('a list that is not empty has a first item');
  // What the parser says where it ran out of stack.
  const overflow = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (overflow) return unreadable(tooDeep(overflow.pos[0]));
  const [syntaxError] = document.errors;
  if (syntaxError) {
    const message = lowerFirst(syntaxError.message.split('\n')[0] ?? '');
    return unreadable({
      rule: 'syntax',
      message: `this is no YAML: ${message}`,
      hint: 'Check the indentation and the quotes just before this place.',
      offset: syntaxError.pos[0],
    });
  }
  if (second) {
    return unreadable({
      rule: 'syntax',
      message: 'a second YAML document begins here',
      hint: 'Keep one manifest in a file.',
      offset: second.contents?.range?.[0] ?? document.range[2],
    });
  }
  const directives = text.slice(0, document.range[0]).matchAll(/^%.*/gm);
  return readContents(document, Array.from(directives, directive));
}

function readContents(
  document: Document.Parsed<ParsedNode>,
  directives: readonly SourceProblem[],
): SourceReading {
  const reader = new ContentReader();
  const whole = place(document.contents?.range?.[0] ?? 0);
  const value = reader.read(document.contents, '', whole);
  return {
    ok: true,
    document: { format: 'yaml', value, place: whole },
    problems: [...directives, ...reader.problems],
  };
}

function directive({ 0: line, index }: RegExpExecArray): SourceProblem {
  return {
    rule: 'yaml-tag',
    severity: 'warning',
    pointer: '',
    message: `${line.trimEnd()} is a directive`,
    hint: 'Leave it out: Slack documents no YAML directives, and its reader may not know them.',
    offset: index,
  };
}

/** Turns the tree that the parser made into a value, with its aliases written out. */
class ContentReader {
  readonly problems: SourceProblem[] = [];
  /** What has been named so far: a name may be given again, and then means the later part. */
  readonly #anchors = new Map<string, Node>();
  /** The parts that are being read, from the outermost to the innermost. */
  readonly #open = new Set<Node>();
  /** The parts whose tags are told of, though they may be read again through an alias. */
  readonly #tagged = new Set<Node>();
  #values = 0;

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
    this.problems.push({
      rule: 'yaml-alias',
      severity: 'warning',
      pointer,
      message: `the alias *${name} stands for a part written elsewhere`,
      hint: 'Slack does not document YAML anchors: repeat the value, as its reader may not know them.',
      offset: at.value,
    });
    const target = this.#anchors.get(name);
    if (target && !this.#open.has(target)) return this.read(target, pointer, at);
    throw new Unreadable({
      rule: 'syntax',
      message: target ? `the alias *${name} contains itself` : `the alias *${name} names no anchor before it`,
      hint: 'Repeat the value instead.',
      offset: at.value,
    });
  }

  #checkTag(node: Node, pointer: Pointer, offset: number): void {
    if (node.tag === undefined || this.#tagged.has(node)) return;
    this.#tagged.add(node);
    this.problems.push({
      rule: 'yaml-tag',
      severity: 'warning',
      pointer,
      message: `this has the tag ${node.tag.replace('tag:yaml.org,2002:', '!!')}`,
      hint: 'Write the plain value, a text in quotes: Slack documents no YAML tags, and its reader may not know them.',
      offset,
    });
  }

  #readKey(node: Node | null, offset: number): string {
    if (node === null) return '';
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    throw new Unreadable({
      rule: 'syntax',
      message: 'a key is a list, an object or an alias',
      hint: 'Write keys as plain words.',
      offset,
    });
  }
}

/**
 * `<<` is no part of YAML 1.2, but most readers take it: what is merged gives way to what is written here. Under
 * version 1.1 the parser makes a symbol of it.
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
  // Infinity, NaN, timestamps, binary: JSON has none of them, so the text counts.
  return node.source ?? String(value);
}

function asNode(item: unknown): Node | null {
  return isScalar(item) || isMap(item) || isSeq(item) || isAlias(item) ? item : null;
}

function tooMany(offset: number): TextProblem {
  return {
    rule: 'too-large',
    message: `the file holds more than ${maxValues} values once its aliases are written out`,
    hint: 'Write the manifest without anchors.',
    offset,
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
