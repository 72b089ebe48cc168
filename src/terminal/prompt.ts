import { wrapBehind } from '../text/wrap.ts';
import { UserError } from '../user-error.ts';
import type { RoomBehind } from './prompt-theme.ts';
import type { Terminal } from './terminal.ts';

export interface Question {
  readonly message: string;
  /** What to pass if prompts are not possible: an option or a variable, as it is typed. */
  readonly instead: string;
  /** True if the answer is a secret, which is masked while it is typed. */
  readonly secret?: boolean;
  /** What is wrong with an answer; undefined if it is valid. Called at every key, and for a secret at Enter. */
  readonly problem?: (answer: string) => string | undefined;
  /** The answer to Enter alone. */
  readonly preset?: string | undefined;
}

/**
 * Prompts a person, on stderr. Without a terminal nothing waits.
 *
 * @throws UserError `input-missing` if prompts are not possible; it names what to pass instead
 */
export async function ask(terminal: Terminal, question: Question): Promise<string> {
  requireInteractive(terminal, question.message, question.instead);
  const { message, secret, problem, preset } = question;
  const { checkedInput, password } = await loadPrompts(terminal);
  const theme = await loadTheme(preset === undefined ? {} : { open: ` (${preset}) `.length });
  if (!secret) return checkedInput({ message, problem, preset, theme }, surroundings(terminal));
  const validate = (answer: string): true | string => problem?.(answer) ?? true;
  return password({ message, mask: true, toggleMask: false, validate, theme }, surroundings(terminal));
}

export interface Choice<Value> {
  readonly name: string;
  readonly value: Value;
  /** What stays on the screen once it is chosen, if not the whole name. */
  readonly short?: string;
}

/**
 * Lets a person choose with the arrow keys, on stderr.
 *
 * @param wanted what is chosen, for the error
 * @throws UserError `input-missing` if prompts are not possible; it names what to pass instead
 */
export async function choose<Value>(
  terminal: Terminal,
  message: string,
  choices: readonly Choice<Value>[],
  { wanted, instead, preset }: { readonly wanted: string; readonly instead: string; readonly preset?: Value },
): Promise<Value> {
  requireInteractive(terminal, wanted, instead);
  const { select } = await loadPrompts(terminal);
  const shorts = choices.map(({ name, short = name }) => ` ${short}`.length);
  const settings = {
    message,
    choices: choices.map(({ name, short = name, value }) => ({
      name: wrapBehind(name, 4, columns()),
      short,
      value,
    })),
    pageSize: 15,
    theme: await loadTheme({ done: Math.max(...shorts) }),
    ...(preset === undefined ? {} : { default: preset }),
  };
  return select(settings, surroundings(terminal));
}

function requireInteractive(terminal: Terminal, message: string, instead: string): void {
  if (terminal.interactive) return;
  throw new UserError('input-missing', `missing: ${message}; ${terminal.whyNotInteractive}`, {
    hint: `Pass ${instead}.`,
    exitCode: 2,
  });
}

/**
 * Asks for confirmation.
 *
 * @param instead the option that confirms beforehand
 * @param preset the answer to Enter alone
 * @throws UserError `confirmation-missing` if prompts are not possible
 */
export async function confirm(
  terminal: Terminal,
  message: string,
  instead: string,
  preset = false,
): Promise<boolean> {
  if (!terminal.interactive) {
    throw new UserError(
      'confirmation-missing',
      `"${message}" needs confirmation, and ${terminal.whyNotInteractive}`,
      {
        hint: `Pass ${instead} to continue without a prompt.`,
        exitCode: 2,
      },
    );
  }
  const prompts = await loadPrompts(terminal);
  const theme = await loadTheme({ open: ' (y/N) '.length, done: ' Yes'.length });
  return prompts.confirm({ message, default: preset, theme }, surroundings(terminal));
}

/**
 * Returns only after confirmation.
 *
 * @param left what stays as it is if declined, for the message
 * @param instead the option that confirms beforehand
 * @throws UserError `declined`, or `confirmation-missing` if prompts are not possible
 */
export async function requireYes(
  terminal: Terminal,
  message: string,
  left: string,
  instead = '--yes',
): Promise<void> {
  if (await confirm(terminal, message, instead)) return;
  throw new UserError('declined', left, {
    hint: `Run the command again and confirm, or pass ${instead}.`,
    exitCode: 3,
  });
}

/** The stream of a prompt, and what ends it. */
function surroundings({ stopped }: Terminal) {
  return { output: process.stderr, ...(stopped ? { signal: stopped } : {}) };
}

/** The width of the terminal that prompts are on. */
function columns(): number {
  return process.stderr.columns || 80;
}

async function loadTheme(behind?: RoomBehind) {
  const { promptTheme } = await import('./prompt-theme.ts');
  return promptTheme(columns(), behind);
}

/** The prompts decide about colour by the environment, FORCE_COLOR first: it is set to what our options say. */
async function loadPrompts(terminal: Terminal) {
  if (terminal.colourLevel('stderr') === 0) {
    delete process.env['FORCE_COLOR'];
    process.env['NO_COLOR'] = '1';
  }
  const [{ confirm, password, select }, { checkedInput }] = await Promise.all([
    import('@inquirer/prompts'),
    import('./checked-input.ts'),
  ]);
  return { confirm, password, select, checkedInput };
}
