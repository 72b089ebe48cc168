import { table } from '../../text/markdown.ts';
import { deploymentFormats } from './formats.ts';

/** The table of formats in docs/env.md, in Markdown. */
export function renderFormats(): string {
  return table([
    ['format', 'what it is'],
    ...deploymentFormats.map(({ name, summary, remarks }) => [
      `\`${name}\``,
      `${summary}${remarks === undefined ? '' : `. ${remarks}`}`,
    ]),
  ]);
}
