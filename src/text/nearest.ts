import { distance } from 'fastest-levenshtein';

/**
 * What a mistyped word most likely means: the candidate that is fewest edits away, where two letters that changed
 * places are one edit. Of a short word one may be wrong, of a longer one two: more is another word. Undefined where none
 * is near.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let limit = word.length < 2 ? 0 : word.length < 6 ? 1 : 2;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const edits = isSwapped(word, candidate) ? 1 : distance(word, candidate);
    if (edits < limit || (edits === limit && best === undefined)) {
      best = candidate;
      limit = edits;
    }
  }
  return best;
}

function isSwapped(word: string, candidate: string): boolean {
  const at = [...word].findIndex((letter, index) => letter !== candidate[index]);
  const swapped = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  return at >= 0 && swapped === candidate;
}
