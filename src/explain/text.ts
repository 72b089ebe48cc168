import type { ChalkInstance } from 'chalk';
import type { Topic } from './topic.ts';

/** One topic in full, for people. */
export function renderTopic(topic: Topic, pen: ChalkInstance): string {
  const { id, alias, label, shown, summary, details, causes, advice, run, source } = topic;
  const name = pen.bold([id, ...alias].join(', '));
  const blocks = [
    [
      label === undefined ? name : `${name}  ${pen.dim(label)}`,
      ...shown.map((sentence) => pen.dim(sentence)),
    ],
    [summary, ...(details === '' ? [] : [details])],
    causes.length === 0
      ? []
      : ['Likely causes, the likeliest first:', ...causes.map((cause, index) => `  ${index + 1}. ${cause}`)],
    [`What to do: ${advice}`, ...run.map((command) => `  ${pen.cyan(command)}`)],
    source === undefined
      ? []
      : [pen.dim(`Source: ${source.title}${source.url === undefined ? '' : `, ${source.url}`}`)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** One line for each topic: its id and what it means. */
export function renderTopicList(topics: readonly Topic[], pen: ChalkInstance): string {
  const width = Math.max(...topics.map(({ id }) => id.length));
  return topics.map(({ id, summary }) => `${pen.bold(id.padEnd(width))}  ${summary}\n`).join('');
}
