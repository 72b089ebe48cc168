import { deploymentFormats } from '../environment/formats/formats.ts';
import { prose, table } from '../text/markdown.ts';
import {
  colourVariables,
  exitCodes,
  files,
  precedence,
  processOnly,
  processVariables,
  type Rows,
  settings,
  stateFolder,
} from './environment.ts';
import type { CommandReference, Reference, Remark, Term } from './reference.ts';

/** docs/reference.md in Markdown. */
export function renderReferencePage({ globalOptions, commands }: Reference): string {
  const sections = [
    introduction,
    `## Commands\n\n${commands.map(({ name }) => `- [\`${name}\`](#${anchor(name)})`).join('\n')}`,
    `## Global options\n\nEvery command has these.\n\n${terms('option', globalOptions)}`,
    ...commands.map(commandSection),
    `## Exit codes\n\n${rows('code', exitCodes)}`,
    `## Variables\n\n${precedence}\n\n${rows('variable', settings)}`,
    `${processOnly}\n\n${rows('variable', processVariables)}`,
    `## Colours and marks\n\n${rows('variable', colourVariables)}`,
    `## Formats of \`env\`\n\n${rows(
      'format',
      deploymentFormats.map(({ name, summary }) => [name, prose(summary)] as const),
    )}`,
    `## Files\n\n${stateFolder}\n\n${rows('file', files)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

const introduction = `# Reference

<!-- Written by \`npm run docs\` from the definitions of the commands and src/reference/. -->

Every command and option, exit code, variable and file. The man page, \`man spacelift-slack\`, has the same content.`;

function commandSection({
  name,
  usage,
  description,
  arguments: positional,
  options,
  remarks,
}: CommandReference): string {
  return [
    `## \`${name}\``,
    `\`\`\`text\n${name} ${usage}\n\`\`\``,
    prose(description),
    ...(positional.length > 0 ? [terms('argument', positional)] : []),
    ...(options.length > 0 ? [terms('option', options)] : []),
    ...remarks.map(remark),
  ].join('\n\n');
}

function remark(part: Remark): string {
  if (part.kind === 'paragraph') return prose(part.text);
  return `\`\`\`${part.kind === 'commands' ? 'sh' : 'text'}\n${part.lines.join('\n')}\n\`\`\``;
}

function terms(kind: string, all: readonly Term[]): string {
  return table([
    [kind, 'what it does'],
    ...all.map(({ term, description }) => [`\`${term}\``, prose(description)]),
  ]);
}

function rows(kind: string, all: Rows): string {
  const code = (names: string) =>
    names
      .split(', ')
      .map((name) => `\`${name}\``)
      .join(', ');
  return table([[kind, 'meaning'], ...all.map(([name, meaning]) => [code(name), meaning])]);
}

function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
