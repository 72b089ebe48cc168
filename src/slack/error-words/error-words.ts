import { nearest } from '../../text/nearest.ts';
import { commandWords } from './commands.ts';
import { deliveryWords } from './deliveries.ts';
import type { ErrorWord } from './entry.ts';
import { manifestWords } from './manifest.ts';
import { oauthWords } from './oauth.ts';
import { webApiWords } from './web-api.ts';

export { type ErrorWord, sources } from './entry.ts';

export interface ErrorWordGroup {
  readonly title: string;
  readonly words: readonly ErrorWord[];
}

/** Every word we can explain, by where people meet it. */
export const errorWordGroups: readonly ErrorWordGroup[] = [
  { title: 'Commands and buttons', words: commandWords },
  { title: 'Request URL and events', words: deliveryWords },
  { title: 'Installation (OAuth)', words: oauthWords },
  { title: 'App manifest', words: manifestWords },
  { title: 'Web API and tokens', words: webApiWords },
];

export const errorWords: readonly ErrorWord[] = errorWordGroups.flatMap((group) => group.words);

const byName: ReadonlyMap<string, ErrorWord> = new Map(
  errorWords.flatMap((entry) => names(entry).map((name) => [name, entry])),
);

/** What a word of Slack's means, by the word itself; undefined for one that the table lacks. */
export function explainError(code: string): ErrorWord | undefined {
  return byName.get(code.trim().toLowerCase());
}

/**
 * Finds entries by whatever a person has before them: a word, a sentence that holds one, a part of a sentence.
 *
 * @returns the closest kind of match alone, in the order of the table; empty where nothing fits
 */
export function findErrorWords(text: string): readonly ErrorWord[] {
  const named = (text.toLowerCase().match(/[a-z0-9_-]+/g) ?? []).flatMap((token) => byName.get(token) ?? []);
  if (named.length > 0) return [...new Set(named)];

  const phrase = plain(text);
  if (phrase === '') return [];
  const spoken = errorWords.filter((entry) =>
    names(entry)
      .concat(entry.shown ?? [])
      .map(plain)
      .some((one) => one.includes(phrase) || phrase.includes(one)),
  );
  if (spoken.length > 0) return spoken;

  const terms = phrase.split(' ');
  return errorWords.filter((entry) => {
    const everything = plain([...names(entry), entry.shown, entry.meaning, ...entry.causes].join(' '));
    return terms.every((term) => everything.includes(term));
  });
}

/** The known word nearest to a misspelt one, where one is near enough to be meant. */
export function nearestErrorWord(text: string): string | undefined {
  return nearest(text.trim().toLowerCase(), byName.keys());
}

function names(entry: ErrorWord): string[] {
  return [entry.word, ...(entry.alias ?? [])];
}

/** Text for comparing: letters and digits alone, without the name of a slash command. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|\s)\/\S+/g, ' ')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}
