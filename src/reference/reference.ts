import type { CommandUnknownOpts, Help, Option } from '@commander-js/extra-typings';

/** One command, as its own help describes it. */
export interface CommandReference {
  /** Its name with that of its parents, such as `spacelift-slack serve events list`. */
  readonly name: string;
  /** What follows the name on the command line, such as `[options] <kind>`. */
  readonly usage: string;
  readonly description: string;
  readonly arguments: readonly Term[];
  readonly options: readonly Term[];
  /** What the command adds below its options. */
  readonly remarks: readonly Remark[];
}

/** What can be typed, and what it does. */
export interface Term {
  readonly term: string;
  readonly description: string;
}

/** A part of a help text: a paragraph, or lines that stay as they are. */
export type Remark =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'commands' | 'list'; readonly lines: readonly string[] };

export interface Reference {
  readonly description: string;
  /** The options that every command has. */
  readonly globalOptions: readonly Term[];
  readonly commands: readonly CommandReference[];
}

/**
 * Reads the commands and options that a program defines, in the order of its help.
 *
 * @param program with all of its commands defined
 */
export function readReference(program: CommandUnknownOpts): Reference {
  const help = program.createHelp();
  return {
    description: program.description(),
    globalOptions: termsOf(help, help.visibleOptions(program).filter(isGlobal)),
    commands: [readCommand(program), ...commandsBelow(program).map(readCommand)],
  };
}

function commandsBelow(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.commands.flatMap((one) => [one, ...commandsBelow(one)]);
}

function readCommand(command: CommandUnknownOpts): CommandReference {
  const help = command.createHelp();
  return {
    name: nameOf(command),
    usage: command.usage(),
    description: help.commandDescription(command),
    arguments: help.visibleArguments(command).map((argument) => ({
      term: help.argumentTerm(argument),
      description: help.argumentDescription(argument),
    })),
    options: termsOf(
      help,
      help.visibleOptions(command).filter((option) => !isGlobal(option)),
    ),
    remarks: remarksOf(command),
  };
}

function nameOf(command: CommandUnknownOpts): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

function termsOf(help: Help, options: readonly Option[]): readonly Term[] {
  return options.map((option) => ({
    term: help.optionTerm(option),
    description: help.optionDescription(option),
  }));
}

function isGlobal({ helpGroupHeading }: Option): boolean {
  return helpGroupHeading === 'Global options:';
}

/** What a command prints after its options: paragraphs, and lists and command lines, which are indented. */
function remarksOf(command: CommandUnknownOpts): readonly Remark[] {
  let printed = '';
  command.configureOutput({ ...command.configureOutput(), writeOut: (text) => (printed += text) });
  command.outputHelp();
  return printed
    .slice(command.helpInformation().length)
    .split(/\n\s*\n|(?<=^\S.*)\n(?= )|(?<=^ .*)\n(?=\S)/m)
    .map((text) => text.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0)
    .map(toRemark);
}

function toRemark(lines: readonly string[]): Remark {
  if (!lines[0]?.startsWith(' ')) return { kind: 'paragraph', text: lines.join(' ') };
  const isCommand = lines[0].startsWith('  spacelift-slack ');
  return {
    kind: isCommand ? 'commands' : 'list',
    lines: lines.map((line) => line.replace(/^ {2}/, '')),
  };
}
