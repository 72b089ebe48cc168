import { within } from '../../net/time-limit.ts';
import type { Store } from '../../store/store.ts';
import { type Handled, json, type Route } from '../http/route.ts';
import type { Metrics } from './metrics.ts';
import type { StoreClock } from './store-clock.ts';

/** How long the store may take to show that it works, in milliseconds. */
const storeTimeLimit = 2_000;

export interface AdminSettings {
  readonly metrics: Metrics;
  readonly whyNotReady: () => Promise<NotReady | undefined>;
}

/** Why the server cannot work. */
export interface NotReady {
  readonly reason: string;
  readonly error?: unknown;
}

export interface ReadinessSettings {
  readonly store: Pick<Store, 'check'>;
  readonly clock: Pick<StoreClock, 'isFarOff'>;
  readonly isStopping: () => boolean;
  /** Whether Slack can reach the server, as far as the server knows. */
  readonly isConnected: () => boolean;
}

/** @returns why the server cannot work now; undefined if it can */
export async function findWhyNotReady({
  store,
  clock,
  isStopping,
  isConnected,
}: ReadinessSettings): Promise<NotReady | undefined> {
  if (isStopping()) return { reason: 'stopping' };
  try {
    await within(storeTimeLimit, store.check());
  } catch (error) {
    return { reason: 'store unavailable', error };
  }
  if (clock.isFarOff) return { reason: "the clock is more than five minutes from the database's" };
  return isConnected() ? undefined : { reason: 'no connection to Slack' };
}

/** The routes for machines on the private listener: whether the process is alive, whether it can work, its metrics. */
export function adminRoutes({ metrics, whyNotReady }: AdminSettings): readonly Route[] {
  const get = (kind: string, work: () => Promise<Handled>): Route => ({
    method: 'GET',
    path: `/${kind}`,
    kind,
    handle: async () => ({ ...(await work()), subject: { kind } }),
  });
  return [
    get('healthz', async () => ({
      response: json(200, { status: 'ok' }),
      outcome: { kind: 'responded' },
    })),
    get('readyz', async () => {
      const why = await whyNotReady();
      return why
        ? { response: json(503, { status: why.reason }), outcome: { kind: 'not-ready', ...why } }
        : { response: json(200, { status: 'ready' }), outcome: { kind: 'ready' } };
    }),
    get('metrics', async () => ({
      response: {
        status: 200,
        headers: { 'Content-Type': metrics.registry.contentType },
        body: await metrics.registry.metrics(),
      },
      outcome: { kind: 'responded' },
    })),
  ];
}
