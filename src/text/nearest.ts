import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a mistyped word most likely means: the one with the fewest edits, where two swapped letters count
 * as one. A word of up to five letters may have one edit, a longer one two. Returns undefined if no candidate is near.
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
