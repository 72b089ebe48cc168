import { Chalk, type ChalkInstance } from 'chalk';
import { penFor } from '../../terminal/colour.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { goesToStdout } from './result-file.ts';

/**
 * The pen for a result: stdout's, or a plain one where `--out` names a file, whatever stdout is.
 *
 * @param out the value of `--out`
 */
export function penForResult(terminal: Terminal, out: string | undefined): ChalkInstance {
  return out === undefined || goesToStdout(out) ? penFor(terminal, 'stdout') : new Chalk({ level: 0 });
}
