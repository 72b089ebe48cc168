import { type ErrorWord, sources } from './entry.ts';
import { errorWordGroups } from './error-words.ts';

/** The documentation page of every word, in Markdown: the same table that `explain` reads. */
export function renderErrorWordsPage(): string {
  const sections = errorWordGroups.map(({ title, words }) =>
    [`## ${title}`, ...words.map(section)].join('\n\n'),
  );
  return [
    '# What Slack’s error words mean here',
    '<!-- Written by `npm run docs` from src/slack/error-words/. Change the table, not this page. -->',
    'Each word that Slack shows while a self-hosted Spacelift is being wired to it: what it means, its likely causes' +
      ' in order, and what to run. `spacelift-slack explain <word>` says the same, and takes a part of the sentence too.',
    ...sections,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function section(entry: ErrorWord): string {
  const source = sources[entry.source];
  return [
    `### ${[entry.word, ...(entry.alias ?? [])].map((name) => `\`${name}\``).join(', ')}`,
    ...(entry.shown ? [`> ${prose(entry.shown)}`] : []),
    prose(entry.meaning),
    entry.causes.map((cause, index) => `${index + 1}. ${prose(cause)}`).join('\n'),
    `**What to do:** ${prose(entry.advice)}`,
    ...(entry.run.length > 0 ? [`\`\`\`sh\n${entry.run.join('\n')}\n\`\`\``] : []),
    `Source: ${'url' in source ? `[${source.title}](${source.url})` : source.title}`,
  ].join('\n\n');
}

/** Text in which nothing is Markdown or HTML; an address with a placeholder is set as code. */
function prose(text: string): string {
  return text
    .split(/(https:\/\/<[\w/<>-]+)/)
    .map((part, index) => (index % 2 === 1 ? `\`${part}\`` : part.replace(/[<>*_]/g, '\\$&')))
    .join('');
}
