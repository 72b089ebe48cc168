import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where the program keeps what must outlive a run. A relative XDG_STATE_HOME is ignored, as the XDG Base Directory
 * Specification wants it. The folder need not exist.
 */
export function stateFolder(env: Readonly<Record<string, string | undefined>>): string {
  const state = env['XDG_STATE_HOME'];
  const base = state && isAbsolute(state) ? state : join(env['HOME'] || homedir(), '.local', 'state');
  return join(base, 'spacelift-slack');
}
