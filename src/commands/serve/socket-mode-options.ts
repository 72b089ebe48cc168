import { appTokenVariable, readAppToken } from '../../environment/app-token.ts';
import type { Settings } from '../../environment/settings.ts';
import type { ServerSettings } from '../../server/server.ts';
import { UserError } from '../../user-error.ts';
import type { ServeOptions } from './options.ts';

const usualConnections = 2;

/**
 * The settings of Socket Mode; nothing without `--socket-mode`.
 *
 * @param signingSecret the current one
 * @throws UserError `socket-mode-missing`, `listen-missing`, `app-token-missing`, `app-token-wrong`
 */
export function readSocketMode(
  {
    socketMode,
    connections,
    listen,
    relayOauth,
  }: Pick<ServeOptions, 'socketMode' | 'connections' | 'listen' | 'relayOauth'>,
  settings: Settings,
  signingSecret: string | undefined,
): ServerSettings['socketMode'] {
  if (!socketMode) {
    if (connections === undefined) return undefined;
    throw new UserError('socket-mode-missing', '--connections has no effect without --socket-mode', {
      hint: 'Add --socket-mode, or leave --connections out.',
      exitCode: 2,
    });
  }
  if (relayOauth && listen === undefined) {
    throw new UserError(
      'listen-missing',
      '--relay-oauth needs a public listener, and --socket-mode has none',
      {
        hint: 'Add --listen, or leave --relay-oauth out: the OAuth redirect can go to Spacelift itself.',
        exitCode: 2,
      },
    );
  }
  const value = settings.get(appTokenVariable)?.value;
  const read = readAppToken(value, { signingSecret, appId: settings.get('SLACK_APP_ID')?.value });
  if (read.ok) return { appToken: read.token, connections: connections ?? usualConnections };
  throw new UserError(value === undefined ? 'app-token-missing' : 'app-token-wrong', read.problem, {
    hint: read.hint,
    exitCode: 2,
  });
}
