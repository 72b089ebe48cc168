import { tokenKind } from '../../slack/token-kind.ts';
import { UserError } from '../../user-error.ts';

/** Says what is wrong with the name of a file: a secret that was pasted at the wrong question must not be kept as one. */
export function fileNameProblem(name: string): string | undefined {
  const text = name.trim();
  if (text === '') return 'A file needs a name.';
  const isSecret = tokenKind(text) !== undefined || /^([0-9a-f]{32}|\d{6,}\.\d{6,})$/i.test(text);
  return isSecret
    ? 'This looks like a token, a secret or a client id, not like the name of a file.'
    : undefined;
}

/**
 * @param option how the name was given
 * @throws UserError `file-name-invalid`, which does not show it
 */
export function requireFileName(name: string | undefined, option: string): void {
  const problem = name === undefined ? undefined : fileNameProblem(name);
  if (problem === undefined) return;
  throw new UserError(
    'file-name-invalid',
    `${option}: ${problem.charAt(0).toLowerCase()}${problem.slice(1, -1)}`,
    {
      hint: 'Name a file, such as .env; a real file of such a name can be given as ./NAME.',
      exitCode: 2,
    },
  );
}
