import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/store.ts';
import { type Address, formatAddress } from './http/address.ts';
import type { TrustedProxies } from './http/client-address.ts';
import { connectionLimits, maxConnections, sufficientDescriptors } from './http/connection-limits.ts';
import type { ClosedFor } from './http/connections.ts';
import type { FinishedRequest } from './http/finished-request.ts';
import { Listener } from './http/listener.ts';
import { Overload } from './http/overload.ts';
import { limitUnverified } from './http/rate-limit.ts';
import type { Route } from './http/route.ts';
import type { OAuthSettings } from './oauth/oauth.ts';
import { adminRoutes, findWhyNotReady } from './operations/admin.ts';
import { ConnectionLog } from './operations/connection-log.ts';
import { describe, type Logger } from './operations/log.ts';
import { Metrics } from './operations/metrics.ts';
import { OverloadLog } from './operations/overload-log.ts';
import { RequestLog } from './operations/request-log.ts';
import { RecentRequests } from './operations/status/recent-requests.ts';
import { statusRoutes } from './operations/status/routes.ts';
import { StoreClock } from './operations/store-clock.ts';
import type { RelayOptions, RunningRelay } from './relay/relay.ts';
import { repeatedly } from './repeatedly.ts';
import type { RunningSocketMode, SocketModeOptions } from './socket-mode/socket-mode.ts';
import type { Messenger } from './webhook/messenger.ts';
import { slackWebhook } from './webhook/slack-webhook.ts';
import { standIn } from './webhook/stand-in.ts';

export interface ServerSettings {
  /** Without it there is no public listener. */
  readonly listen: Address | undefined;
  readonly adminListen: Address;
  /** The current signing secret, and the previous one while it is being rotated. */
  readonly signingSecrets: readonly string[];
  /** When the previous one ends, in milliseconds since the epoch. */
  readonly previousSecretUntil?: number | undefined;
  /** Without it the server is a stand-in for Spacelift. */
  readonly relay: RelayOptions | undefined;
  /** Without it Slack reaches the server by its public listener alone. */
  readonly socketMode: Pick<SocketModeOptions, 'appToken' | 'connections'> | undefined;
  readonly slack: SlackAccess;
  readonly trustedProxies: TrustedProxies;
  /** Whether requests are refused while the process has too little CPU time for all of them. */
  readonly shedsLoad: boolean;
  /** How many file descriptors the process may open: fewer allow fewer connections. Undefined if it is not known. */
  readonly descriptorLimit: number | undefined;
  /** Without it there are no OAuth routes. */
  readonly oauth: Omit<OAuthSettings, 'store'> | undefined;
  /** The server closes it. */
  readonly store: Store;
  readonly log: Logger;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface SlackAccess {
  /** Where Slack's API is. */
  readonly url: string;
  /** For the proxy on the way there: HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface RunningServer {
  /** Of the public listener. */
  readonly address: Address | undefined;
  readonly adminAddress: Address;
  /** Finishes requests in flight, within {@link stopTimeLimit}, and closes the store. */
  stop(): Promise<void>;
}

const stopTimeLimit = 10_000;
/** Shorter, so that the results of the deliveries in flight can still be recorded. */
const deliveryStopTimeLimit = 8_000;
const clockInterval = 10_000;
const pruneInterval = 10 * 60_000;
/** Slack retries an event for up to 24 h. The rest is a margin for clocks and queues on the way. */
const eventLifetime = 48 * 3_600_000;

/**
 * Starts the listeners and the connections to Slack.
 *
 * @throws UserError `listen-failed`, `too-many-connections`
 */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const { store, log, now, oauth, signingSecrets, slack } = settings;
  const metrics = new Metrics();
  const requestLog = new RequestLog(log);
  const recentRequests = new RecentRequests(now);
  const connectionLog = new ConnectionLog(log);
  let stopping = false;
  const onFinished = (request: FinishedRequest) => {
    metrics.count(request);
    recentRequests.add(request);
    requestLog.write(request);
  };
  const onClosed = (reason: ClosedFor, peer: string) => {
    metrics.countClosed(reason);
    connectionLog.closed(reason, peer);
  };
  const onError = (error: Error) => connectionLog.failed(error);
  const limits = connectionLimits(settings.descriptorLimit);
  const [signingSecret = ''] = signingSecrets;
  const { registry } = metrics;
  const clock = new StoreClock({ store, now, steadyNow: () => performance.now(), log, registry });
  // What sends requests is most of the program: it is loaded only for a relay or for Socket Mode.
  const messenger = settings.relay || settings.socketMode ? await createMessenger(slack, log) : undefined;
  const overloadLog = new OverloadLog(log, () => performance.now());
  const onShed = () => {
    metrics.countShed();
    overloadLog.refused();
  };
  const overload = settings.shedsLoad ? new Overload(onShed) : undefined;
  const isOverloaded = () => overload?.isShedding === true;
  let relay: RunningRelay | undefined;
  if (settings.relay && messenger) {
    const { startRelay } = await import('./relay/relay.ts');
    relay = startRelay({
      ...settings.relay,
      signingSecret,
      store,
      clock,
      messenger,
      isOverloaded,
      log,
      registry,
      now,
    });
  }
  const webhook = slackWebhook({
    signingSecrets,
    previousSecretUntil: settings.previousSecretUntil,
    handler: relay?.handler ?? standIn(store),
  });
  const listener = new Listener({
    routes: limitUnverified({
      signed: [webhook],
      open: relay ? relay.openRoutes : oauth ? await createOAuthRoutes({ ...oauth, store }) : [],
      countsUnverified: relay !== undefined,
    }),
    limits: limits.open,
    onFinished,
    onClosed,
    onError,
    trustedProxies: settings.trustedProxies,
    overload,
    now,
  });
  const whyNotReady = () =>
    findWhyNotReady({
      store,
      clock,
      isStopping: () => stopping,
      isConnected: () => settings.socketMode === undefined || socketMode?.isReady === true,
    });
  const status = statusRoutes({
    requests: recentRequests,
    name: hostname(),
    store,
    whyNotReady: async () => (await whyNotReady())?.reason,
    upstream: () => relay && settings.relay && { origin: settings.relay.origin, ...relay.upstreamState },
    queueLimit: settings.relay?.queueLimit,
    sockets: () => socketMode?.status(),
    sleep,
    now,
  });
  const adminListener = new Listener({
    routes: [...adminRoutes({ metrics, whyNotReady }), ...status],
    limits: limits.admin,
    // A probe arrives every second: only one that fails is logged.
    onFinished: (request) => {
      if (request.status >= 400) requestLog.write(request);
    },
    onClosed,
    onError,
    trustedProxies: 'none',
    overload: undefined,
    now,
  });

  if (limits.open.all < maxConnections) {
    log.warn(
      {
        descriptors: settings.descriptorLimit,
        connections: limits.open.all,
        sufficient: sufficientDescriptors,
      },
      'the limit of open files allows few connections: raise it (LimitNOFILE in systemd, or ulimit -n)',
    );
  }

  let socketMode: RunningSocketMode | undefined;
  const stop = async (milliseconds: number, deliveryMilliseconds: number) => {
    await Promise.all([
      listener.stop(milliseconds),
      socketMode?.stop(deliveryMilliseconds),
      relay?.stopDelivering(deliveryMilliseconds),
    ]);
    await messenger?.idle();
    await Promise.all([relay?.close(), messenger?.close()]);
    await adminListener.stop(0);
    requestLog.end();
    connectionLog.end();
    overloadLog.end();
    overload?.stop();
  };
  let adminAddress: Address;
  let address: Address | undefined;
  try {
    adminAddress = await adminListener.listen(settings.adminListen);
    if (settings.listen) address = await listener.listen(settings.listen);
    if (settings.socketMode && messenger) {
      const { startSocketMode } = await import('./socket-mode/socket-mode.ts');
      socketMode = await startSocketMode({
        ...settings.socketMode,
        slackUrl: slack.url,
        env: slack.env,
        signingSecret,
        webhook,
        messenger,
        replicas: store.socketReplicas,
        replica: `${hostname()} ${formatAddress(adminAddress)}`,
        onFinished,
        log,
        registry,
        now,
      });
    }
  } catch (error) {
    await stop(0, 0);
    throw error;
  }

  const stopReadingClock = repeatedly(async () => {
    // A store that fails is reported by what works on it.
    await clock.read().catch(() => undefined);
  }, clockInterval);
  const stopPruning = repeatedly(async (signal) => {
    try {
      const time = await clock.read();
      if (time === undefined) return;
      await store.prune({ eventsBefore: time - eventLifetime, now: time }, signal);
    } catch (error) {
      log.error({ error: describe(error) }, 'old events not deleted');
    }
  }, pruneInterval);

  return {
    address,
    adminAddress,
    async stop() {
      stopping = true;
      await Promise.all([stopReadingClock(), stopPruning(), stop(stopTimeLimit, deliveryStopTimeLimit)]);
      await store.close();
    },
  };
}

async function createMessenger({ url, env }: SlackAccess, log: Logger): Promise<Messenger> {
  const [{ Messenger }, { proxyAgent }] = await Promise.all([
    import('./webhook/messenger.ts'),
    import('../net/proxy-agent.ts'),
  ]);
  return new Messenger(url, proxyAgent(env), log);
}

async function createOAuthRoutes(settings: OAuthSettings): Promise<readonly Route[]> {
  const { oauthRoutes } = await import('./oauth/oauth.ts');
  return oauthRoutes(settings);
}
