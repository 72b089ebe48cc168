import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const below = ['.local', 'state', 'spacelift-slack'] as const;

/** The state folder that the environment defines; undefined if it has neither XDG_STATE_HOME nor HOME. */
export function namedStateFolder(env: Environment): string | undefined {
  const state = env['XDG_STATE_HOME'];
  if (state && isAbsolute(state)) return join(state, 'spacelift-slack');
  return env['HOME'] ? join(env['HOME'], ...below) : undefined;
}

/**
 * The folder for data that must outlive a run. A relative XDG_STATE_HOME is ignored, as the XDG Base Directory
 * Specification requires. The folder need not exist.
 */
export function stateFolder(env: Environment): string {
  return namedStateFolder(env) ?? join(homedir(), ...below);
}
