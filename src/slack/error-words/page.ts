import { prose } from '../../text/markdown.ts';
import { type ErrorWord, sources } from './entry.ts';
import { errorWordGroups } from './error-words.ts';

/** docs/errors.md in Markdown, from the entries themselves. */
export function renderErrorWordsPage(): string {
  const sections = errorWordGroups.map(({ title, words }) =>
    [`## ${title}`, ...words.map(section)].join('\n\n'),
  );
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

const introduction = `# Error words of Slack

<!-- Written by \`npm run docs\` from src/slack/error-words/. Change the entries there, not this page. -->

What Slack shows or returns while a self-hosted Spacelift is connected to it: what each word or sentence means, its likely
causes in order, and what to do. \`spacelift-slack explain <word>\` prints the same, and accepts a part of the sentence.
A word with hyphens is ours, for what Slack shows only as a sentence.`;

function section({
  word,
  alias = [],
  shown = [],
  meaning,
  causes,
  advice,
  run,
  source: key,
}: ErrorWord): string {
  const source: { readonly title: string; readonly url?: string } = sources[key];
  return [
    `### ${[word, ...alias].map((name) => `\`${name}\``).join(', ')}`,
    ...(shown.length > 0 ? [shown.map((sentence) => `> ${prose(sentence)}`).join('\n>\n')] : []),
    prose(meaning),
    causes.map((cause, index) => `${index + 1}. ${prose(cause)}`).join('\n'),
    `**What to do:** ${prose(advice)}`,
    ...(run.length > 0 ? [`\`\`\`sh\n${run.join('\n')}\n\`\`\``] : []),
    `Source: ${source.url === undefined ? source.title : `[${source.title}](${source.url})`}`,
  ].join('\n\n');
}
