import { visible } from '../text/visible.ts';

/**
 * Quotes text from elsewhere so that every format can show it: in double quotes, at most `limit` characters, control
 * characters escaped, and nothing that a CI system takes for a command (`::error::` or `##[error]` in GitHub's logs,
 * where leading blanks do not count).
 */
export function quote(text: string, limit = 100): string {
  return `"${unquoted(text, limit).replaceAll('"', "'")}"`;
}

/** The same without the quotes, for a sentence of ours that holds words from elsewhere. */
export function unquoted(text: string, limit = 300): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const short = line.length > limit ? `${line.slice(0, limit)}…` : line;
  return visible(short)
    .replace(/:(?=:)/g, ': ')
    .replaceAll('##[', '## [');
}
