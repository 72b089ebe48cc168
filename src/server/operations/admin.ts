import { within } from '../../net/time-limit.ts';
import type { Store } from '../../store/store.ts';
import { type Handled, json, type Route } from '../http/route.ts';
import type { Metrics } from './metrics.ts';

/** How long the store may take to show that it works, in milliseconds. */
const storeTimeLimit = 2_000;

export interface AdminSettings {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly isStopping: () => boolean;
  /** Whether Slack can reach the server, as far as the server knows. */
  readonly isConnected: () => boolean;
}

/** The routes of the private listener: whether the process is alive, whether it can work, and its metrics. */
export function adminRoutes({ store, metrics, isStopping, isConnected }: AdminSettings): readonly Route[] {
  const get = (kind: string, work: () => Promise<Handled>): Route => ({
    method: 'GET',
    path: `/${kind}`,
    handle: async () => ({ ...(await work()), subject: { kind } }),
  });
  return [
    get('healthz', async () => ({
      response: json(200, { status: 'ok' }),
      outcome: { kind: 'responded' },
    })),
    get('readyz', async () => {
      if (isStopping()) return notReady('stopping');
      try {
        await within(storeTimeLimit, store.check());
      } catch (error) {
        return notReady('store unavailable', error);
      }
      if (!isConnected()) return notReady('no connection to Slack');
      return { response: json(200, { status: 'ready' }), outcome: { kind: 'ready' } };
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

function notReady(reason: string, error?: unknown): Handled {
  return { response: json(503, { status: reason }), outcome: { kind: 'not-ready', reason, error } };
}
