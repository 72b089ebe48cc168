import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { ClosedFor } from '../http/connections.ts';
import type { FinishedRequest } from '../http/finished-request.ts';

/** The metrics for Prometheus. Labels have fixed sets of values, so that no client can create new series. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Counter<'kind' | 'status'>;
  readonly #rejected: Counter<'reason'>;
  readonly #duration: Histogram<'kind'>;
  readonly #closed: Counter<'reason'>;
  readonly #shed: Counter;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: 'spacelift_slack_requests_total',
      help: 'Requests by kind and HTTP status. Status 0: the connection was closed before the response.',
      labelNames: ['kind', 'status'],
      registers,
    });
    this.#rejected = new Counter({
      name: 'spacelift_slack_rejected_total',
      help: 'Requests rejected because of their signature, by the reason in the log.',
      labelNames: ['reason'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'spacelift_slack_request_duration_seconds',
      help: 'Time from the end of the headers to the response. Slack waits 3 s.',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 3],
      registers,
    });
    this.#closed = new Counter({
      name: 'spacelift_slack_connections_closed_total',
      help: 'Connections closed without a response, because there were too many: of all peers, or of one peer.',
      labelNames: ['reason'],
      registers,
    });
    this.#shed = new Counter({
      name: 'spacelift_slack_requests_shed_total',
      help: 'Requests refused with 503, and connections closed, because the process had too little CPU time for all.',
      registers,
    });
  }

  countShed(): void {
    this.#shed.inc();
  }

  countClosed(reason: ClosedFor): void {
    this.#closed.inc({ reason });
  }

  count({ status, milliseconds, subject: { kind }, outcome }: FinishedRequest): void {
    this.#requests.inc({ kind, status });
    this.#duration.observe({ kind }, milliseconds / 1000);
    if (outcome.kind === 'rejected') this.#rejected.inc({ reason: outcome.reason });
  }
}
