import { parse } from 'shell-quote';

/** What ends a command; a process substitution holds one of its own. */
const separators: readonly string[] = ['&&', ';', '|', '(', ')', '<('];

/** One command of a shell: assignments, words, and redirections. */
export interface ShellCommand {
  readonly assignments: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly stdinFile: string | undefined;
  readonly stdoutFile: string | undefined;
}

/**
 * Reads a command line as a shell does, as far as pages need it.
 *
 * @param env the values of variables
 * @returns the commands between `&&`, `;` and `|`
 * @throws Error if the line has syntax that is not understood, such as `$(…)`
 */
export function parseShellLine(
  text: string,
  env: Readonly<Record<string, string>> = {},
): readonly ShellCommand[] {
  const commands: string[][] = [[]];
  const files: { stdin?: string; stdout?: string }[] = [{}];
  let redirection: 'stdin' | 'stdout' | undefined;
  for (const token of parse(text, env)) {
    if (typeof token === 'object' && 'comment' in token) break;
    const word = typeof token === 'string' ? token : token.op === 'glob' ? token.pattern : undefined;
    if (word !== undefined) {
      if (redirection === undefined) commands.at(-1)?.push(word);
      else Object.assign(files.at(-1) ?? {}, { [redirection]: word });
      redirection = undefined;
    } else if (typeof token === 'object' && separators.includes(token.op)) {
      commands.push([]);
      files.push({});
    } else if (typeof token === 'object' && ['<', '>', '>>'].includes(token.op)) {
      redirection = token.op === '<' ? 'stdin' : 'stdout';
    } else {
      throw new Error(`not understood: ${text}`);
    }
  }
  return commands.flatMap((words, index) => {
    if (words.length === 0) return [];
    const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
    const count = start === -1 ? words.length : start;
    const command = {
      assignments: Object.fromEntries(words.slice(0, count).map((word) => splitAtEquals(word))),
      words: words.slice(count),
      stdinFile: files[index]?.stdin,
      stdoutFile: files[index]?.stdout,
    };
    return [command];
  });
}

function splitAtEquals(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}
