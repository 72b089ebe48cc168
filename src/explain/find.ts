import { checksNamed } from '../doctor/catalogue/catalogue.ts';
import { nearest } from '../text/nearest.ts';
import { type Topic, topics } from './topic.ts';

export type Search =
  /** The topics that the text names or quotes; one at least. */
  | { readonly kind: 'found'; readonly topics: readonly Topic[] }
  /** The topics that have most in common with the text, the closest first; three at most. */
  | { readonly kind: 'guess'; readonly topics: readonly Topic[] }
  | { readonly kind: 'nothing'; readonly nearest: string | undefined };

const maxGuesses = 3;

const byName: ReadonlyMap<string, Topic> = new Map(
  topics.flatMap((topic) => [topic.id, ...topic.alias].map((name) => [name, topic])),
);

/**
 * Finds topics by whatever a person has in front of them: an id, a word, a group of checks, a sentence that Slack shows
 * or a part of it, a line of a log or report.
 */
export function findTopics(text: string): Search {
  const found = named(text) ?? quoted(text);
  if (found) return { kind: 'found', topics: found };
  const word = text.trim().toLowerCase();
  const similar = /\s/.test(word) ? undefined : nearest(word, byName.keys());
  if (similar !== undefined) return { kind: 'nothing', nearest: similar };
  const guesses = guess(text);
  return guesses.length > 0 ? { kind: 'guess', topics: guesses } : { kind: 'nothing', nearest: undefined };
}

/** The topics whose ids or words the text is, or contains; or the checks of the group that it is. */
function named(text: string): readonly Topic[] | undefined {
  const whole = text.trim().toLowerCase();
  const exact = byName.get(whole);
  if (exact) return [exact];
  const checks = checksNamed(whole)?.flatMap((id) => byName.get(id) ?? []);
  if (checks) return checks;
  // Ids that are plain English words, such as `syntax`, prove nothing in a sentence.
  const tokens = (whole.match(/[a-z0-9][\w.-]*[a-z0-9]/g) ?? []).filter((token) => /[._-]/.test(token));
  const contained = [...tokens, ...(whole.match(/\b[a-z]+limited\b/g) ?? [])].flatMap(
    (token) => byName.get(token) ?? [],
  );
  return contained.length > 0 ? [...new Set(contained)] : undefined;
}

/** The topics of which the text is a name in plain words, quotes a sentence or a good part of one, or contains a name. */
function quoted(text: string): readonly Topic[] | undefined {
  const phrase = plain(text);
  if (phrase === '') return undefined;
  const isLong = (words: string) => words.split(' ').length >= 3;
  const ways = [
    (topic: Topic) => namesOf(topic).includes(phrase),
    (topic: Topic) =>
      topic.shown
        .map(plain)
        .some((sentence) => contains(phrase, sentence) || (isLong(phrase) && contains(sentence, phrase))),
    (topic: Topic) => namesOf(topic).some((name) => isLong(name) && contains(phrase, name)),
  ];
  return ways.map((way) => topics.filter(way)).find((found) => found.length > 0);
}

function namesOf({ id, alias }: Topic): readonly string[] {
  return [id, ...alias].map(plain);
}

function contains(text: string, part: string): boolean {
  return part !== '' && ` ${text} `.includes(` ${part} `);
}

/** Words that are in any text, and tell nothing. */
const commonWords = new Set(
  'a an and are as at be but by for from in is it its no not of on or so that the this to was with'.split(
    ' ',
  ),
);

/**
 * The topics that have most words in common with the text, if one of them has more than half. A rare word counts more
 * than a common one, and more again in the name, the sentence that Slack shows or the summary.
 */
function guess(text: string): readonly Topic[] {
  const terms = [...new Set(wordsIn(text))].filter((term) => !commonWords.has(term));
  const texts = topics.map((topic) => {
    const { id, alias, shown, summary, details, causes, advice } = topic;
    const head = wordsIn(id, ...alias, ...shown, summary);
    return { topic, head: new Set(head), words: new Set([...head, ...wordsIn(details, ...causes, advice)]) };
  });
  const weights = new Map(
    terms.map((term) => {
      const count = texts.filter(({ words }) => words.has(term)).length;
      return [term, Math.log((1 + texts.length) / (1 + count))] as const;
    }),
  );
  const weigh = (among?: ReadonlySet<string>) =>
    terms.reduce((sum, term) => sum + (among?.has(term) === false ? 0 : (weights.get(term) ?? 0)), 0);
  if (!texts.some(({ words }) => weigh(words) > weigh() / 2)) return [];
  return texts
    .map(({ topic, head, words }) => ({ topic, score: weigh(words) + weigh(head) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, maxGuesses)
    .map(({ topic }) => topic);
}

function wordsIn(...texts: readonly string[]): readonly string[] {
  return plain(texts.join(' '))
    .split(' ')
    .filter((word) => word !== '');
}

/** Text for comparing: lower-case words, any number as 0, one verb for a response, without the name of a slash command. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|\s)\/\S+/g, ' ')
    .replace(/['’]/g, '')
    .replace(/\d+/g, '0')
    .replace(/\b(?:reply|answer)(?=(?:ed)?\b)/g, 'respond')
    .replace(/\breplied\b/g, 'responded')
    .replace(/[^a-z0]+/g, ' ')
    .trim();
}
