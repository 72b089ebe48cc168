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
} from 'yaml';
import { child, type JsonValue, type Pointer } from './json-value.ts';
import {
  duplicateKey,
  maxDepth,
  type Place,
  type SourceProblem,
  type SourceReading,
  tooDeep,
  unreadable,
} from './source.ts';

/** An alias can name a large part many times over; more values than this is an attack or an accident. */
const maxValues = 100_000;

class Unreadable extends Error {
  readonly problem: Omit<SourceProblem, 'severity' | 'pointer'>;

  constructor(problem: Omit<SourceProblem, 'severity' | 'pointer'>) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Reads YAML 1.2 and remembers where everything stands. */
export function readYaml(text: string): SourceReading {
  try {
    return readDocuments(text);
  } catch (error) {
    if (error instanceof Unreadable) return unreadable(error.problem);
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
  return readContents(document);
}

function readContents(document: Document.Parsed<ParsedNode>): SourceReading {
  const places = new Map<Pointer, Place>();
  const problems: SourceProblem[] = document.warnings.map((warning) => ({
    rule: 'yaml-tag',
    severity: 'warning',
    pointer: '',
    message: lowerFirst(warning.message.split('\n')[0] ?? ''),
    hint: 'Slack documents no YAML tags: write the plain value, as its reader may not know this one.',
    offset: warning.pos[0],
  }));
  const open = new Set<Node>();
  let values = 0;

  const read = (node: Node | null, pointer: Pointer, fallback: number, keyOffset?: number): JsonValue => {
    const offset = node?.range?.[0] ?? fallback;
    if (!places.has(pointer)) {
      places.set(pointer, keyOffset === undefined ? { value: offset } : { value: offset, key: keyOffset });
    }
    values += 1;
    if (values > maxValues) throw new Unreadable(tooMany(offset));
    if (open.size > maxDepth) throw new Unreadable(tooDeep(offset));
    if (node === null) return null;
    if (isAlias(node)) return readAlias(node.source, node.resolve(document), pointer, offset);
    if (isScalar(node)) return scalarValue(node);

    open.add(node);
    try {
      if (isSeq(node)) {
        return node.items.map((item, index) => read(asNode(item), child(pointer, index), offset));
      }
      const object: Record<string, JsonValue> = Object.create(null);
      if (!isMap(node)) return object;
      for (const { key: keyNode, value } of node.items) {
        const at = asNode(keyNode)?.range?.[0] ?? offset;
        const key = keyText(asNode(keyNode), at);
        const itemPointer = child(pointer, key);
        if (Object.hasOwn(object, key)) problems.push(duplicateKey(key, itemPointer, at));
        object[key] = read(asNode(value), itemPointer, at, at);
      }
      return object;
    } finally {
      open.delete(node);
    }
  };
  const readAlias = (name: string, target: Node | undefined, pointer: Pointer, offset: number): JsonValue => {
    problems.push({
      rule: 'yaml-alias',
      severity: 'warning',
      pointer,
      message: `the alias *${name} stands for a part written elsewhere`,
      hint: 'Slack does not document YAML anchors: repeat the value, as its reader may not know them.',
      offset,
    });
    if (target && !open.has(target)) return read(target, pointer, offset);
    throw new Unreadable({
      rule: 'syntax',
      message: target ? `the alias *${name} contains itself` : `the alias *${name} names no anchor`,
      hint: 'Repeat the value instead.',
      offset,
    });
  };

  const value = read(document.contents, '', 0);
  return { ok: true, document: { format: 'yaml', value, places }, problems };
}

function scalarValue(node: Scalar): JsonValue {
  const { value } = node;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  // Infinity, NaN, timestamps, binary: JSON has none of them, so the text counts.
  return node.source ?? String(value);
}

function keyText(node: Node | null, offset: number): string {
  if (node === null) return '';
  if (isScalar(node))
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  throw new Unreadable({
    rule: 'syntax',
    message: 'a key is a list, an object or an alias',
    hint: 'Write keys as plain words.',
    offset,
  });
}

function asNode(item: unknown): Node | null {
  return isScalar(item) || isMap(item) || isSeq(item) || isAlias(item) ? item : null;
}

function tooMany(offset: number): Omit<SourceProblem, 'severity' | 'pointer'> {
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
