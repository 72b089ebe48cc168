import { Counter, Gauge, type Registry } from 'prom-client';
import { within } from '../../net/time-limit.ts';
import type { AttemptResult, DeliveryQueue, QueueLengths, QueueLimit } from '../../store/delivery-queue.ts';
import { usedRatio } from '../../store/queue-room.ts';
import type { Upstream } from './upstream.ts';

/** How long the store may take to count the queue, in milliseconds. */
const countTimeLimit = 2_000;

/** The metrics of the relay for Prometheus. */
export class RelayMetrics {
  readonly #attempts: Counter<'outcome'>;

  constructor(
    registry: Registry,
    queue: Pick<DeliveryQueue, 'lengths'>,
    limit: QueueLimit,
    upstream: Pick<Upstream, 'isCircuitOpen'>,
    now: () => number,
  ) {
    const registers = [registry];
    this.#attempts = new Counter({
      name: 'spacelift_slack_delivery_attempts_total',
      help: 'Attempts to deliver an event to the upstream, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    // All gauges of the queue are collected at the same time, and share one query.
    let query: Promise<QueueLengths | undefined> | undefined;
    const readLengths = () => {
      query ??= within(countTimeLimit, queue.lengths())
        .catch(() => undefined)
        .finally(() => {
          query = undefined;
        });
      return query;
    };
    new Gauge({
      name: 'spacelift_slack_queue_oldest_age_seconds',
      help: 'How long the oldest event in the queue has been waiting; 0 if none is, not a number if the store fails.',
      registers,
      async collect() {
        const lengths = await readLengths();
        const since = lengths?.waitingSince ?? now();
        this.set(lengths ? Math.max(0, now() - since) / 1000 : Number.NaN);
      },
    });
    new Gauge({
      name: 'spacelift_slack_queue_events',
      help: 'Events that wait for delivery, and events that were set aside (dead letters); not a number if the store fails.',
      labelNames: ['state'],
      registers,
      async collect() {
        const lengths = await readLengths();
        this.set({ state: 'waiting' }, lengths?.waiting ?? Number.NaN);
        this.set({ state: 'set-aside' }, lengths?.setAside ?? Number.NaN);
      },
    });
    new Gauge({
      name: 'spacelift_slack_queue_bytes',
      help: 'Size of the encrypted events in the queue, in both states; not a number if the store fails.',
      registers,
      async collect() {
        this.set((await readLengths())?.bytes ?? Number.NaN);
      },
    });
    new Gauge({
      name: 'spacelift_slack_queue_limit_ratio',
      help: 'How much of --queue-limit is used, by count or by bytes, whichever is more. An event that does not fit gets 503, even below 1. Not a number if the store fails.',
      registers,
      async collect() {
        const lengths = await readLengths();
        this.set(lengths ? usedRatio(lengths, limit) : Number.NaN);
      },
    });
    new Gauge({
      name: 'spacelift_slack_upstream_circuit_open',
      help: '1 while the circuit to the upstream is open and requests to it fail at once, else 0.',
      registers,
      collect() {
        this.set(upstream.isCircuitOpen ? 1 : 0);
      },
    });
  }

  countAttempt(outcome: Exclude<AttemptResult['kind'], 'not-attempted'>): void {
    this.#attempts.inc({ outcome });
  }
}
