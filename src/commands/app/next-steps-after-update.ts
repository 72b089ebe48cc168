import type { Change } from '../../manifest/diff.ts';
import type { RenderOptions } from '../../manifest/render.ts';
import { nextSteps } from '../output/next-steps.ts';
import type { SessionOptions } from './session.ts';

/** The result of `app update`. */
export interface Updated {
  readonly appId: string;
  readonly updated: boolean;
  readonly changes: readonly Change[];
  /** Whether permissions changed: the app has the old ones until it is reinstalled. */
  readonly reinstallNeeded: boolean;
}

/**
 * What is left to do after `app update` has changed an app.
 *
 * @param known the hosts of the manifest, and Slack's origin
 */
export function nextStepsAfterUpdate(
  { appId, changes, reinstallNeeded }: Updated,
  known: Pick<RenderOptions, 'domain' | 'webhookDomain' | 'socketMode'> & { readonly slackUrl: string },
  { envFile, slackApiUrl }: Pick<SessionOptions, 'envFile' | 'slackApiUrl'>,
): string[] {
  const changed = (pointer: string) => changes.some((change) => change.pointer.startsWith(pointer));
  const way = known.socketMode ? ('socket-mode' as const) : undefined;
  return nextSteps(
    { ...known, way, appId, envFile, slackApiUrl },
    {
      relay: changed('/settings/event_subscriptions') || changed('/settings/socket_mode_enabled'),
      doctor: 'stored',
      verification: changed('/settings/event_subscriptions'),
      installation: reinstallNeeded ? 'again' : undefined,
    },
  );
}
