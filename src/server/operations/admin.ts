import { within } from '../../net/time-limit.ts';
import type { Store } from '../../store/store.ts';
import { json, type Route } from '../http/exchange.ts';
import type { Metrics } from './metrics.ts';

/** How long the store may take to show that it is there, in milliseconds. */
const storeTimeLimit = 2_000;

/** What the private listener answers: is the process alive, can it work, what has it done. */
export function adminRoutes(store: Store, metrics: Metrics, isStopping: () => boolean): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      handle: () => json(200, { status: 'ok' }, { kind: 'healthz', verdict: 'alive' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      async handle() {
        const note = { kind: 'readyz', verdict: 'not ready' };
        if (isStopping()) return json(503, { status: 'stopping' }, note);
        try {
          await within(storeTimeLimit, store.check());
        } catch (error) {
          return json(503, { status: 'store unavailable' }, { ...note, error });
        }
        return json(200, { status: 'ready' }, { ...note, verdict: 'ready' });
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => ({
        status: 200,
        headers: { 'Content-Type': metrics.registry.contentType },
        body: await metrics.registry.metrics(),
        note: { kind: 'metrics', verdict: 'answered' },
      }),
    },
  ];
}
