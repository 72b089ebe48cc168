import { distance } from 'fastest-levenshtein';

/**
 * What a mistyped word most likely means: the candidate that is fewest edits away, two at most and no more than
 * half of its letters. Undefined where none is near.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let limit = Math.min(2, Math.ceil(word.length / 2));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const edits = distance(word, candidate);
    if (edits < limit || (edits === limit && best === undefined)) {
      best = candidate;
      limit = edits;
    }
  }
  return best;
}
