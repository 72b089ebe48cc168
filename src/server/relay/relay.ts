import type { Registry } from 'prom-client';
import type { QueueLimit } from '../../store/delivery-queue.ts';
import type { Store } from '../../store/store.ts';
import type { Route } from '../http/route.ts';
import { redirectPath } from '../oauth/paths.ts';
import { describe, type Logger } from '../operations/log.ts';
import type { StoreClock } from '../operations/store-clock.ts';
import type { Outcome } from '../outcome.ts';
import { repeatedly } from '../repeatedly.ts';
import type { Messenger } from '../webhook/messenger.ts';
import { type SlackHandler, webhookPath } from '../webhook/slack-webhook.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { Deliverer } from './deliverer.ts';
import { FullQueueLog } from './full-queue-log.ts';
import { relayHandler } from './relay-handler.ts';
import { RelayMetrics } from './relay-metrics.ts';
import { relayOAuth } from './relay-oauth.ts';
import { Repetitions } from './repetitions.ts';
import { Upstream, type UpstreamState } from './upstream.ts';

export interface RelayOptions {
  /** `https://spacelift.internal.example`: scheme, host and port. */
  readonly origin: string;
  /** The upstream's name in `Host` and in its certificate, if it is not the origin's host. */
  readonly host: string | undefined;
  /** Certificates in PEM that are trusted for it, instead of the public ones. */
  readonly ca: string | undefined;
  /** Whether the OAuth redirect is forwarded. */
  readonly oauth: boolean;
  /** How long an event may wait for the upstream, in milliseconds. */
  readonly retain: number;
  /** How much the queue may hold. Events beyond it are not stored. */
  readonly queueLimit: QueueLimit;
}

export interface RelaySettings extends RelayOptions {
  /** Signs events that are delivered late. */
  readonly signingSecret: string;
  readonly store: Store;
  /** Expiry goes by it. */
  readonly clock: StoreClock;
  readonly messenger: Messenger;
  /** Whether requests are refused, because there is too little CPU time. */
  readonly isOverloaded: () => boolean;
  readonly log: Logger;
  readonly registry: Registry;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface RunningRelay {
  readonly upstreamState: UpstreamState;
  readonly handler: SlackHandler;
  /** The routes that accept unverified requests. */
  readonly openRoutes: readonly Route[];
  /** Starts no more deliveries. Events in flight when the time is up go back into the queue. */
  stopDelivering(milliseconds: number): Promise<void>;
  /** Waits for the records of what was handled, and closes all connections. */
  close(): Promise<void>;
}

const steadyNow = () => performance.now();
const breakerSettings = { failures: 5, openMs: 2_000, now: steadyNow };
const expireInterval = 60_000;
/** How long events are kept after they were set aside, in milliseconds. */
const setAsideLifetime = 7 * 24 * 3_600_000;

/** Starts to deliver stored events, and returns the handler that forwards what arrives. */
export function startRelay(settings: RelaySettings): RunningRelay {
  const { store, clock, messenger, log, now, signingSecret, origin, host, ca, queueLimit } = settings;
  const connect = (path: string) => {
    const breaker = new CircuitBreaker({
      ...breakerSettings,
      onOpened: (opened) =>
        log.warn(
          { upstream: origin, path, ...opened },
          'circuit open: requests fail at once, except one every 2 s that tests the upstream',
        ),
      onClosed: ({ failures, openMs }) =>
        log.info(
          { upstream: origin, path, failures, openSeconds: Math.round(openMs / 1000) },
          'circuit closed: the upstream sends HTTP responses again',
        ),
    });
    return new Upstream({ origin, host, ca, breaker, now });
  };
  const upstream = connect(webhookPath);
  // A browser's request is not signed: it must not use the circuit breaker or the connections of Slack's requests.
  const forBrowsers = settings.oauth ? connect(redirectPath) : undefined;
  const repetitions = new Repetitions(store.handledRequests, log);
  const metrics = new RelayMetrics(settings.registry, store.deliveries, queueLimit, upstream, now);
  const deliverer = new Deliverer({
    queue: store.deliveries,
    upstream,
    isOverloaded: settings.isOverloaded,
    signingSecret,
    log,
    metrics,
    now,
    steadyNow,
  });
  deliverer.start();
  const fullQueueLog = new FullQueueLog(log, queueLimit, steadyNow);
  const onEvent = ({ kind }: Outcome) => {
    if (kind === 'stored') deliverer.wake();
    if (kind === 'queue-full') fullQueueLog.refused();
  };

  const stopExpiring = repeatedly(async (signal) => {
    fullQueueLog.check();
    try {
      const time = await clock.read();
      if (time === undefined) return;
      const before = { waiting: time - settings.retain, setAside: time - setAsideLifetime };
      const count = await store.deliveries.expire(before, signal);
      if (count > 0) log.error({ count }, 'events set aside: not delivered within --retain');
    } catch (error) {
      log.error({ error: describe(error) }, 'expired events not set aside: the store fails');
    }
  }, expireInterval);

  return {
    get upstreamState() {
      return upstream.state;
    },
    handler: relayHandler({ upstream, store, messenger, repetitions, queueLimit, onEvent }),
    openRoutes: forBrowsers ? [relayOAuth(forBrowsers)] : [],
    async stopDelivering(milliseconds) {
      const closing = setTimeout(() => void upstream.close(), milliseconds);
      await Promise.all([stopExpiring(), deliverer.stop()]);
      clearTimeout(closing);
    },
    async close() {
      await Promise.all([repetitions.idle(), upstream.close(), forBrowsers?.close()]);
    },
  };
}
