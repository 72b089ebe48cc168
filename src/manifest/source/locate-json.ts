import { parse, type ValueNode } from '@humanwhocodes/momoa';
import { child, type Pointer } from '../../json-value.ts';
import {
  duplicateKey,
  maxItems,
  type Place,
  place,
  type SourceProblem,
  tooManyItems,
  Unreadable,
} from './source.ts';

export interface LocatedJson {
  readonly place: Place;
  /** The keys that are repeated. */
  readonly problems: readonly SourceProblem[];
}

/**
 * Notes where each part of a JSON text is.
 *
 * @param text what `JSON.parse` accepts: it is stricter than the parser that knows offsets
 * @throws Unreadable if an array has too many items
 */
export function locateJson(text: string): LocatedJson {
  const problems: SourceProblem[] = [];
  const locate = (node: ValueNode, pointer: Pointer, { parts }: Place): void => {
    if (node.type === 'Array') {
      if (node.elements.length > maxItems) throw new Unreadable(tooManyItems(node.loc.start.offset));
      for (const [index, { value }] of node.elements.entries()) {
        const at = place(value.loc.start.offset);
        parts.set(String(index), at);
        locate(value, child(pointer, index), at);
      }
    } else if (node.type === 'Object') {
      for (const { name, value } of node.members) {
        const key = name.type === 'String' ? name.value : name.name;
        const keyOffset = name.loc.start.offset;
        const at = place(value.loc.start.offset, keyOffset);
        const itemPointer = child(pointer, key);
        if (parts.has(key)) problems.push(duplicateKey(key, itemPointer, keyOffset));
        parts.set(key, at);
        locate(value, itemPointer, at);
      }
    }
  };
  const { body } = parse(text, { mode: 'json' });
  const whole = place(body.loc.start.offset);
  locate(body, '', whole);
  return { place: whole, problems };
}
