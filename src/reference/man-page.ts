import { deploymentFormats } from '../environment/formats/formats.ts';
import { wrapText } from '../text/wrap.ts';
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

/**
 * The man page, in the `man` macros that groff and mandoc understand.
 *
 * @param version of the program
 */
export function renderManPage({ description, globalOptions, commands }: Reference, version: string): string {
  const [program, ...others] = commands;
  const lines = [
    '.\\" Written by npm run docs from the definitions of the commands and src/reference/.',
    `.TH SPACELIFT\\-SLACK 1 "" "spacelift\\-slack ${version}"`,
    '.SH NAME',
    `spacelift\\-slack \\- ${troff(description.charAt(0).toLowerCase() + description.slice(1).replace(/[,.].*/, ''))}`,
    '.SH SYNOPSIS',
    '.B spacelift\\-slack',
    troff(program?.usage ?? ''),
    '.SH DESCRIPTION',
    ...paragraph(description),
    '.SH OPTIONS',
    'Every command has the global options.',
    ...terms([...(program?.options ?? []), ...globalOptions]),
    '.SH COMMANDS',
    ...others.flatMap(commandSection),
    '.SH EXIT STATUS',
    ...rows(exitCodes),
    '.SH ENVIRONMENT',
    ...paragraph(precedence),
    ...rows(settings),
    '.PP',
    ...paragraph(processOnly),
    ...rows([...processVariables, ...colourVariables]),
    '.SH FORMATS',
    'The formats of',
    '.BR env :',
    ...rows(deploymentFormats.map(({ name, summary }) => [name, summary] as const)),
    '.SH FILES',
    ...paragraph(stateFolder.replaceAll('`', '')),
    ...rows(files),
  ];
  return `${lines.join('\n')}\n`;
}

function commandSection(command: CommandReference): readonly string[] {
  return [
    `.SS "${troff(command.name.replace('spacelift-slack ', ''))} ${troff(command.usage)}"`,
    ...paragraph(command.description),
    ...terms([...command.arguments, ...command.options]),
    ...command.remarks.flatMap(remark),
  ];
}

function remark(part: Remark): readonly string[] {
  if (part.kind === 'paragraph') return ['.PP', ...paragraph(part.text)];
  return ['.PP', '.nf', ...part.lines.map(troff), '.fi'];
}

function terms(all: readonly Term[]): readonly string[] {
  return rows(all.map(({ term, description }) => [term, description] as const));
}

function rows(all: Rows): readonly string[] {
  return all.flatMap(([name, meaning]) => [
    '.TP',
    `.B ${troff(name)}`,
    ...paragraph(meaning.replaceAll('`', '')),
  ]);
}

/** Filled text: its line breaks are the formatter's, and no source line is long. */
function paragraph(text: string): readonly string[] {
  return wrapText(troff(text), 78).split('\n').map(protect);
}

/** A line in which nothing is an escape or, at its beginning, a request of troff. */
function troff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '\\&...')
    .replaceAll('"', '\\(dq');
  return protect(escaped);
}

function protect(line: string): string {
  return line.replace(/^(?=[.'])/, '\\&');
}
