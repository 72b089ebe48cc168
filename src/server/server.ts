import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { Address } from './http/address.ts';
import type { TrustedProxies } from './http/client-address.ts';
import { type FinishedRequest, Listener } from './http/listener.ts';
import { limitUnverified } from './http/rate-limit.ts';
import { type OAuthSettings, oauthRoutes } from './oauth/oauth.ts';
import { adminRoutes } from './operations/admin.ts';
import { describe, logRequest } from './operations/log.ts';
import { Metrics } from './operations/metrics.ts';
import { type RelayOptions, startRelay } from './relay/relay.ts';
import { repeatedly } from './repeatedly.ts';
import { slackWebhook } from './webhook/slack-webhook.ts';
import { standIn } from './webhook/stand-in.ts';

export interface ServerSettings {
  readonly listen: Address;
  readonly adminListen: Address;
  /** The current signing secret, and the previous one while it is being rotated. */
  readonly signingSecrets: readonly string[];
  /** Without it the server stands in for Spacelift itself. */
  readonly relay: RelayOptions | undefined;
  readonly trustedProxies: TrustedProxies;
  /** Without it there are no OAuth routes. */
  readonly oauth: Omit<OAuthSettings, 'store'> | undefined;
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
/** What is being delivered gives way a little earlier, so that it can still be noted. */
const deliveryStopTimeLimit = 8_000;
const pruneInterval = 10 * 60_000;
/** Slack sends an event again for up to 24 h; the same again is for clocks and queues on the way. */
const eventLifetime = 48 * 3_600_000;

/**
 * Starts both listeners.
 *
 * @throws UserError `listen-failed`
 */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const { store, log, now, oauth, signingSecrets } = settings;
  const metrics = new Metrics();
  let stopping = false;
  const onFinished = (request: FinishedRequest) => {
    metrics.count(request);
    logRequest(log, request);
  };
  const onError = (error: Error, client?: string) =>
    log.error({ client, error: describe(error) }, 'a connection could not be taken');
  const [signingSecret = ''] = signingSecrets;
  const relay =
    settings.relay &&
    startRelay({ ...settings.relay, signingSecret, store, log, registry: metrics.registry, now });
  const webhook = slackWebhook({ signingSecrets, handler: relay?.handler ?? standIn(store) });
  const listener = new Listener({
    routes: limitUnverified({
      signed: [webhook],
      open: relay ? relay.openRoutes : oauth ? oauthRoutes({ ...oauth, store }) : [],
      countsUnverified: relay !== undefined,
    }),
    onFinished,
    onError,
    trustedProxies: settings.trustedProxies,
    now,
  });
  const adminListener = new Listener({
    routes: adminRoutes(store, metrics, () => stopping),
    // A probe arrives every second: only one that fails is logged.
    onFinished: (request) => {
      if (request.status >= 400) logRequest(log, request);
    },
    onError,
    trustedProxies: 'none',
    now,
  });

  const stop = async (milliseconds: number, deliveryMilliseconds: number) => {
    await Promise.all([listener.stop(milliseconds), relay?.stopDelivering(deliveryMilliseconds)]);
    await relay?.close();
    await adminListener.stop(0);
  };
  let adminAddress: Address;
  let address: Address;
  try {
    adminAddress = await adminListener.listen(settings.adminListen);
    address = await listener.listen(settings.listen);
  } catch (error) {
    await stop(0, 0);
    throw error;
  }

  const stopPruning = repeatedly(async () => {
    const time = now();
    try {
      await store.prune({ eventsBefore: time - eventLifetime, now: time });
    } catch (error) {
      log.error({ error: describe(error) }, 'old events could not be removed');
    }
  }, pruneInterval);

  return {
    address,
    adminAddress,
    async stop() {
      stopping = true;
      await Promise.all([stopPruning(), stop(stopTimeLimit, deliveryStopTimeLimit)]);
      await store.close();
    },
  };
}
