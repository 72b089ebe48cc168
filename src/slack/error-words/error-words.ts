import { commandWords } from './commands.ts';
import { deliveryWords } from './deliveries.ts';
import type { ErrorWord } from './entry.ts';
import { manifestWords } from './manifest.ts';
import { oauthWords } from './oauth.ts';
import { socketModeWords } from './socket-mode.ts';
import { webApiWords } from './web-api.ts';

export { type ErrorWord, sources } from './entry.ts';

export interface ErrorWordGroup {
  readonly title: string;
  readonly words: readonly ErrorWord[];
}

/** Every word that can be explained, by where people see it. */
export const errorWordGroups: readonly ErrorWordGroup[] = [
  { title: 'Commands and buttons', words: commandWords },
  { title: 'Request URL and events', words: deliveryWords },
  { title: 'Socket Mode', words: socketModeWords },
  { title: 'Installation (OAuth)', words: oauthWords },
  { title: 'App manifest', words: manifestWords },
  { title: 'Web API and tokens', words: webApiWords },
];

export const errorWords: readonly ErrorWord[] = errorWordGroups.flatMap((group) => group.words);

const byName: ReadonlyMap<string, ErrorWord> = new Map(
  errorWords.flatMap((entry) => [entry.word, ...(entry.alias ?? [])].map((name) => [name, entry])),
);

/** The entry of a word of Slack's; undefined if there is none. */
export function explainError(code: string): ErrorWord | undefined {
  return byName.get(code.trim().toLowerCase());
}
