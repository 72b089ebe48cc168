import { InvalidArgumentError } from '@commander-js/extra-typings';
import { appTokenVariable, readAppToken } from '../../environment/app-token.ts';
import type { Settings } from '../../environment/settings.ts';
import type { ServerSettings } from '../../server/server.ts';
import { maxConnections } from '../../server/socket-mode/limits.ts';
import { UserError } from '../../user-error.ts';

export interface SocketModeFlags {
  readonly socketMode?: true | undefined;
  readonly connections?: number | undefined;
  readonly listen?: string | undefined;
  readonly relayOauth?: true | undefined;
}

const usualConnections = 2;

/** Reads `--connections`. */
export function parseConnections(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= maxConnections) return Number(text);
  throw new InvalidArgumentError(`Give a number from 1 to ${maxConnections}: Slack allows an app no more.`);
}

/**
 * The settings of Socket Mode; nothing without `--socket-mode`.
 *
 * @param signingSecret the current one
 * @throws UserError `socket-mode-missing`, `listen-missing`, `app-token-missing`, `app-token-wrong`
 */
export function readSocketMode(
  { socketMode, connections, listen, relayOauth }: SocketModeFlags,
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
