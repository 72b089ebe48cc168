import { UserError } from '../user-error.ts';
import type { Terminal } from './terminal.ts';

export interface Question {
  readonly message: string;
  /** What to give instead where nobody can be asked: an option or a variable, as it is typed. */
  readonly instead: string;
  /** True where the answer is a secret: it is masked while it is typed. */
  readonly secret?: boolean;
  /** Says what is wrong with an answer, or nothing where it is fine. It is asked at every key, and for a secret at Enter. */
  readonly problem?: (answer: string) => string | undefined;
  /** The answer where Enter alone is pressed. */
  readonly preset?: string | undefined;
}

/**
 * Asks a person, on stderr. Without a terminal nothing waits.
 *
 * @throws UserError `input-missing` where nobody can be asked; it names what to pass instead
 */
export async function ask(terminal: Terminal, question: Question): Promise<string> {
  requireSomeone(terminal, question.message, question.instead);
  const { message, secret, problem, preset } = question;
  const { checkedInput, password } = await loadPrompts(terminal);
  if (!secret) return checkedInput({ message, problem, preset }, surroundings(terminal));
  const validate = (answer: string): true | string => problem?.(answer) ?? true;
  return password({ message, mask: true, toggleMask: false, validate }, surroundings(terminal));
}

export interface Choice<Value> {
  readonly name: string;
  readonly value: Value;
  /** What is left on the screen once it is chosen, where not the whole name. */
  readonly short?: string;
}

/**
 * Lets a person choose with the arrow keys, on stderr.
 *
 * @throws UserError `input-missing` where nobody can be asked; it names what is wanted, and what to pass instead
 */
export async function choose<Value>(
  terminal: Terminal,
  message: string,
  choices: readonly Choice<Value>[],
  { wanted, instead, preset }: { readonly wanted: string; readonly instead: string; readonly preset?: Value },
): Promise<Value> {
  requireSomeone(terminal, wanted, instead);
  const { select } = await loadPrompts(terminal);
  const settings = { message, choices, pageSize: 15, ...(preset === undefined ? {} : { default: preset }) };
  return select(settings, surroundings(terminal));
}

function requireSomeone(terminal: Terminal, message: string, instead: string): void {
  if (terminal.interactive) return;
  throw new UserError('input-missing', `${message} is needed, and ${terminal.silence}`, {
    hint: `Pass ${instead}.`,
    exitCode: 2,
  });
}

/**
 * Asks for a yes or a no.
 *
 * @param instead the option that says yes beforehand
 * @param preset the answer where Enter alone is pressed
 * @throws UserError `confirmation-missing` where nobody can be asked
 */
export async function confirm(
  terminal: Terminal,
  message: string,
  instead: string,
  preset = false,
): Promise<boolean> {
  if (!terminal.interactive) {
    throw new UserError('confirmation-missing', `"${message}" wants a yes, and ${terminal.silence}`, {
      hint: `Pass ${instead} to go on without being asked.`,
      exitCode: 2,
    });
  }
  const prompts = await loadPrompts(terminal);
  return prompts.confirm({ message, default: preset }, surroundings(terminal));
}

/**
 * Goes on after a yes alone.
 *
 * @param left what a no leaves as it is, for the message
 * @param instead the option that says yes beforehand
 * @throws UserError `declined`, or `confirmation-missing` where nobody can be asked
 */
export async function requireYes(
  terminal: Terminal,
  message: string,
  left: string,
  instead = '--yes',
): Promise<void> {
  if (await confirm(terminal, message, instead)) return;
  throw new UserError('declined', left, {
    hint: `Run the command again, and answer yes or pass ${instead}.`,
    exitCode: 3,
  });
}

/** Where a question is asked, and what ends it. */
function surroundings({ stopped }: Terminal) {
  return { output: process.stderr, ...(stopped ? { signal: stopped } : {}) };
}

/** The prompts ask the environment alone about colour, FORCE_COLOR first: it is told what our options have decided. */
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
