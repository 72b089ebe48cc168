import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { Address } from './address.ts';
import { adminRoutes } from './admin.ts';
import { type Answered, Listener } from './listener.ts';
import { describe, logAnswered } from './log.ts';
import { Metrics } from './metrics.ts';
import { type OAuthSettings, oauthRoutes } from './oauth.ts';
import { slackWebhook, standIn } from './slack-webhook.ts';
import { spaceliftWebhook } from './spacelift-webhook.ts';

export interface ServerSettings {
  readonly listen: Address;
  readonly adminListen: Address;
  /** The current signing secret, and the previous one while it is being rotated. */
  readonly signingSecrets: readonly string[];
  /** Without it there are no OAuth routes. */
  readonly oauth: Omit<OAuthSettings, 'store'> | undefined;
  /** Without it there is no route for Spacelift's webhook. */
  readonly spaceliftWebhookSecret: string | undefined;
  /** The server closes it. */
  readonly store: Store;
  readonly log: Logger;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface RunningServer {
  readonly address: Address;
  readonly adminAddress: Address;
  /** Finishes what is in flight, at most for {@link stopTimeLimit}, and closes the store. */
  stop(): Promise<void>;
}

const stopTimeLimit = 10_000;
const pruneInterval = 10 * 60_000;
/** Slack sends an event again for up to 24 h; the same again is for clocks and queues on the way. */
const eventLifetime = 48 * 3_600_000;

/**
 * Starts both listeners.
 *
 * @throws UserError `listen-failed`
 */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const { store, log, now, oauth, spaceliftWebhookSecret } = settings;
  const metrics = new Metrics();
  let stopping = false;
  const onAnswered = (answered: Answered) => {
    metrics.count(answered);
    logAnswered(log, answered);
  };
  const listener = new Listener({
    routes: [
      slackWebhook({ signingSecrets: settings.signingSecrets, recipient: standIn(store) }),
      ...(oauth ? oauthRoutes({ ...oauth, store }) : []),
      ...(spaceliftWebhookSecret === undefined ? [] : [spaceliftWebhook(spaceliftWebhookSecret)]),
    ],
    onAnswered,
    now,
  });
  const adminListener = new Listener({
    routes: adminRoutes(store, metrics, () => stopping),
    // A probe every second is no news, unless it fails.
    onAnswered: (answered) => answered.status >= 400 && logAnswered(log, answered),
    now,
  });

  const adminAddress = await adminListener.listen(settings.adminListen);
  const address = await listener.listen(settings.listen).catch(async (error: unknown) => {
    await adminListener.stop(0);
    throw error;
  });

  const prune = () => {
    const time = now();
    store.prune({ eventsBefore: time - eventLifetime, now: time }).catch((error: unknown) => {
      log.error({ error: describe(error) }, 'old events could not be removed');
    });
  };
  prune();
  const pruning = setInterval(prune, pruneInterval);

  return {
    address,
    adminAddress,
    async stop() {
      stopping = true;
      clearInterval(pruning);
      await listener.stop(stopTimeLimit);
      await adminListener.stop(0);
      await store.close();
    },
  };
}
