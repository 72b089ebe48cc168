import { visible } from '../text/visible.ts';

/**
 * Text from elsewhere, made fit to be shown in every format: in double quotes, at most `limit` characters, control
 * characters written out, and nothing that a CI system would take for a command (`::error::` or `##[error]` in
 * GitHub's logs, where leading blanks do not count).
 */
export function quote(text: string, limit = 100): string {
  return `"${unquoted(text, limit).replaceAll('"', "'")}"`;
}

/** The same without the quotes, for a sentence of ours with words from elsewhere in it. */
export function unquoted(text: string, limit = 300): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const short = line.length > limit ? `${line.slice(0, limit)}…` : line;
  return visible(short)
    .replace(/:(?=:)/g, ': ')
    .replaceAll('##[', '## [');
}
