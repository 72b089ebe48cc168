import { Counter, Gauge, type Registry } from 'prom-client';
import { within } from '../../net/time-limit.ts';
import type { DeliveryQueue, Outcome, QueueLengths } from '../../store/delivery-queue.ts';
import type { Upstream } from './upstream.ts';

/** How long the store may take to count, in milliseconds. */
const countTimeLimit = 2_000;

/** What Prometheus may read of the relay. */
export class RelayMetrics {
  readonly #tries: Counter<'outcome'>;

  constructor(
    registry: Registry,
    queue: Pick<DeliveryQueue, 'lengths'>,
    upstream: Pick<Upstream, 'isSpared'>,
    now: () => number,
  ) {
    const registers = [registry];
    this.#tries = new Counter({
      name: 'spacelift_slack_delivery_tries_total',
      help: 'Tries to deliver an event to the upstream, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    // Both gauges are collected at once, and share a look.
    let looking: Promise<QueueLengths | undefined> | undefined;
    const look = () => {
      looking ??= within(countTimeLimit, queue.lengths())
        .catch(() => undefined)
        .finally(() => {
          looking = undefined;
        });
      return looking;
    };
    new Gauge({
      name: 'spacelift_slack_queue_oldest_age_seconds',
      help: 'How long the oldest event in the queue has been waiting; 0 while none is.',
      registers,
      async collect() {
        const lengths = await look();
        const since = lengths?.waitingSince ?? now();
        this.set(lengths ? Math.max(0, now() - since) / 1000 : Number.NaN);
      },
    });
    new Gauge({
      name: 'spacelift_slack_queue_events',
      help: 'Events that wait to be delivered, and events that were set aside; NaN while the store does not answer.',
      labelNames: ['state'],
      registers,
      async collect() {
        const lengths = await look();
        this.set({ state: 'waiting' }, lengths?.waiting ?? Number.NaN);
        this.set({ state: 'set-aside' }, lengths?.setAside ?? Number.NaN);
      },
    });
    new Gauge({
      name: 'spacelift_slack_upstream_spared',
      help: '1 while the upstream is held to be down and is not asked, else 0.',
      registers,
      collect() {
        this.set(upstream.isSpared ? 1 : 0);
      },
    });
  }

  countTry(outcome: Exclude<Outcome['kind'], 'untried'>): void {
    this.#tries.inc({ outcome });
  }
}
