import type { ChalkInstance } from 'chalk';
import { penFor } from '../../terminal/colour.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { goesToStdout } from './result-file.ts';

/**
 * The pen for a result: stdout's, or a plain one if `--out` names a file.
 *
 * @param out the value of `--out`
 */
export async function penForResult(terminal: Terminal, out: string | undefined): Promise<ChalkInstance> {
  if (out === undefined || goesToStdout(out)) return penFor(terminal, 'stdout');
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 0 });
}
