import type { Argument, CommandUnknownOpts, Option } from '@commander-js/extra-typings';

interface Candidate {
  /** The whole word. */
  readonly value: string;
  readonly description: string;
}

export interface Completions {
  readonly candidates: readonly Candidate[];
  /** Whether file names fit as well. */
  readonly files: boolean;
}

interface Suggestion {
  readonly values: () => Promise<readonly string[]>;
  readonly list: boolean;
}

const suggestions = new WeakMap<Option | Argument, Suggestion>();

/**
 * Suggests values of an option or argument to the shells, if commander's choices do not fit.
 *
 * @param values called when a shell asks for them
 * @param list whether one word may hold several, separated by commas
 */
export function suggest<T extends Option | Argument>(
  target: T,
  values: Suggestion['values'],
  list = false,
): T {
  suggestions.set(target, { values, list });
  return target;
}

/**
 * Completes the last word, from the commands, options, choices and suggestions that are defined. An option whose value
 * is called a file is completed with file names.
 *
 * @param words the command line after the program's name; the last word is the one being typed and may be empty
 */
export async function complete(program: CommandUnknownOpts, words: readonly string[]): Promise<Completions> {
  const current = words.at(-1) ?? '';
  const { command, option, position, literal } = walk(program, words.slice(0, -1));
  const [, flag, start] = /^(--[^=]+)=(.*)$/.exec(current) ?? [];

  if (option?.required) return valuesOf(option, current);
  if (flag !== undefined && start !== undefined && !literal) {
    const assigned = findOption(command, flag);
    return assigned ? valuesOf(assigned, start, `${flag}=`) : { candidates: [], files: false };
  }
  if (current.startsWith('-') && !literal) return { candidates: optionsOf(command, current), files: false };

  const optional = option ? await valuesOf(option, current) : { candidates: [], files: false };
  const positional = await positionalsOf(command, position, current);
  const candidates = [...optional.candidates, ...positional.candidates];
  const files = optional.files || positional.files;
  if (candidates.length > 0 || files || current !== '') return { candidates, files };
  return { candidates: optionsOf(command, ''), files };
}

interface Cursor {
  readonly command: CommandUnknownOpts;
  /** The option whose value comes next. */
  readonly option: Option | undefined;
  /** The number of arguments given so far. */
  readonly position: number;
  /** Whether `--` has ended the options. */
  readonly literal: boolean;
}

function walk(program: CommandUnknownOpts, words: readonly string[]): Cursor {
  let cursor: Cursor = { command: program, option: undefined, position: 0, literal: false };
  for (const word of words) cursor = step(cursor, word);
  return cursor;
}

function step({ command, option, position, literal }: Cursor, word: string): Cursor {
  if (option?.required) return { command, option: undefined, position, literal };
  if (!literal && word === '--') return { command, option: undefined, position, literal: true };
  if (!literal && word.startsWith('-')) {
    const found = word.includes('=') ? undefined : findOption(command, word);
    return {
      command,
      option: found && (found.required || found.optional) ? found : undefined,
      position,
      literal,
    };
  }
  if (option) return { command, option: undefined, position, literal };
  if (word === 'help' && position === 0 && command.commands.length > 0)
    return { command, option, position, literal };
  const subcommand = position === 0 ? command.commands.find((one) => isNamed(one, word)) : undefined;
  if (subcommand) return { command: subcommand, option: undefined, position: 0, literal };
  return { command, option: undefined, position: position + 1, literal };
}

function isNamed(command: CommandUnknownOpts, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

function findOption(command: CommandUnknownOpts, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short);
}

/** The options of the command itself, global ones included; those of its parent belong before its name. */
function optionsOf(command: CommandUnknownOpts, start: string): Candidate[] {
  const help = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long === '--help');
  return [...command.options, ...help]
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }))
    .filter(({ value }) => value.startsWith(start));
}

async function positionalsOf(
  command: CommandUnknownOpts,
  position: number,
  current: string,
): Promise<Completions> {
  const subcommands = position === 0 ? command.createHelp().visibleCommands(command) : [];
  const candidates = subcommands
    .map((one) => ({ value: one.name(), description: one.summary() || one.description() }))
    .filter(({ value }) => value.startsWith(current));
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[position] ?? (last?.variadic ? last : undefined);
  const values = argument ? await valuesOf(argument, current) : { candidates: [], files: false };
  return { candidates: [...candidates, ...values.candidates], files: values.files };
}

/** @param prefix the part of the word before the value */
async function valuesOf(target: Option | Argument, current: string, prefix = ''): Promise<Completions> {
  const suggestion = suggestions.get(target);
  const list = suggestion?.list ?? false;
  const values = (await suggestion?.values()) ?? target.argChoices ?? [];
  const given = list ? current.slice(0, current.lastIndexOf(',') + 1) : '';
  const used = given.split(',');
  const candidates = values
    .filter((value) => value.startsWith(current.slice(given.length)) && !used.includes(value))
    .map((value) => ({ value: prefix + given + value, description: '' }));
  const placeholder = 'flags' in target ? target.flags : target.name();
  return { candidates, files: values.length === 0 && /file|folder|path/i.test(placeholder) };
}
