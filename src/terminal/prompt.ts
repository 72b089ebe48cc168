import { UserError } from '../user-error.ts';
import type { Terminal } from './terminal.ts';

export interface Question {
  readonly message: string;
  /** What to give instead where nobody can be asked: an option or a variable, as it is typed. */
  readonly instead: string;
  /** True where the answer is a secret: it is masked while it is typed. */
  readonly secret?: boolean;
  /** Says what is wrong with an answer, or nothing where it is fine. */
  readonly problem?: (answer: string) => string | undefined;
}

/**
 * Asks a person, on stderr. Without a terminal nothing waits.
 *
 * @throws UserError `input-missing` where nobody can be asked; it names what to pass instead
 */
export async function ask(terminal: Terminal, question: Question): Promise<string> {
  if (!terminal.interactive) {
    throw new UserError(
      'input-missing',
      `${question.message} is needed, and there is no terminal to ask on`,
      {
        hint: `Pass ${question.instead}.`,
        exitCode: 2,
      },
    );
  }
  const { input, password } = await loadPrompts(terminal);
  const validate = (answer: string): true | string => question.problem?.(answer) ?? true;
  const settings = { message: question.message, validate };
  const streams = { output: process.stderr };
  return question.secret ? password({ ...settings, mask: true }, streams) : input(settings, streams);
}

/**
 * Asks for a yes before something that cannot be taken back.
 *
 * @param instead the option that says yes beforehand
 * @throws UserError `confirmation-missing` where nobody can be asked
 */
export async function confirm(terminal: Terminal, message: string, instead = '--yes'): Promise<boolean> {
  if (!terminal.interactive) {
    throw new UserError(
      'confirmation-missing',
      `"${message}" wants a yes, and there is no terminal to ask on`,
      {
        hint: `Pass ${instead} to go on without being asked.`,
        exitCode: 2,
      },
    );
  }
  const prompts = await loadPrompts(terminal);
  return prompts.confirm({ message, default: false }, { output: process.stderr });
}

/** The prompts ask the environment alone about colour, FORCE_COLOR first: it is told what our options have decided. */
function loadPrompts(terminal: Terminal) {
  if (terminal.colourLevel('stderr') === 0) {
    delete process.env['FORCE_COLOR'];
    process.env['NO_COLOR'] = '1';
  }
  return import('@inquirer/prompts');
}
