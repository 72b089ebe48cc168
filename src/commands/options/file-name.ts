import { tokenKind } from '../../slack/token-kind.ts';
import { UserError } from '../../user-error.ts';

/** What is wrong with a file name: a secret pasted at the wrong prompt must not be stored as one. */
export function fileNameProblem(name: string): string | undefined {
  const text = name.trim();
  if (text === '') return 'The file name is empty.';
  const isSecret = tokenKind(text) !== undefined || /^([0-9a-f]{32}|\d{6,}\.\d{6,})$/i.test(text);
  return isSecret ? 'This looks like a token, a secret or a client id, not like a file name.' : undefined;
}

/**
 * @param option the option with the name
 * @throws UserError `file-name-invalid`; it does not quote the name
 */
export function requireFileName(name: string | undefined, option: string): void {
  const problem = name === undefined ? undefined : fileNameProblem(name);
  if (problem === undefined) return;
  throw new UserError(
    'file-name-invalid',
    `${option}: ${problem.charAt(0).toLowerCase()}${problem.slice(1, -1)}`,
    {
      hint: 'Name a file, such as .env; pass ./NAME for a file that really has this name.',
      exitCode: 2,
    },
  );
}
