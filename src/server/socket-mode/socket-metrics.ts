import { Counter, Gauge, type Registry } from 'prom-client';
import type { AcknowledgementResult } from '../outcome.ts';
import type { ConnectionReport, SocketConnections } from './connections.ts';
import type { EnvelopeType } from './envelopes.ts';

/** What Prometheus may read of Socket Mode. The labels come from fixed sets. */
export class SocketMetrics {
  readonly #envelopes: Counter<'type' | 'acknowledgement'>;
  readonly #ended: Counter<'reason'>;
  readonly #failed: Counter<'reason'>;
  readonly #counted: Gauge;

  constructor(registry: Registry, connections: Pick<SocketConnections, 'readyCount' | 'silentForMs'>) {
    const registers = [registry];
    this.#envelopes = new Counter({
      name: 'spacelift_slack_socket_envelopes_total',
      help: 'Envelopes of Socket Mode by type, and how they were acknowledged.',
      labelNames: ['type', 'acknowledgement'],
      registers,
    });
    this.#ended = new Counter({
      name: 'spacelift_slack_socket_reconnections_total',
      help: 'Connections to Slack that had to be replaced, by reason: refresh is normal.',
      labelNames: ['reason'],
      registers,
    });
    this.#failed = new Counter({
      name: 'spacelift_slack_socket_failed_attempts_total',
      help: 'Attempts to connect to Slack that failed, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#counted = new Gauge({
      name: 'spacelift_slack_socket_connections_counted_by_slack',
      help: "Slack's count of the app's connections at the last hello, those of other processes included.",
      registers,
    });
    new Gauge({
      name: 'spacelift_slack_socket_connections',
      help: 'Connections to Slack on which this process receives envelopes.',
      registers,
      collect() {
        this.set(connections.readyCount);
      },
    });
    new Gauge({
      name: 'spacelift_slack_socket_last_message_age_seconds',
      help: 'Time since Slack last sent anything on any connection, pings included.',
      registers,
      collect() {
        this.set(connections.silentForMs / 1000);
      },
    });
  }

  countEnvelope(type: EnvelopeType | 'unknown', acknowledgement: AcknowledgementResult): void {
    this.#envelopes.inc({ type, acknowledgement });
  }

  countReport(report: ConnectionReport): void {
    if (report.kind === 'opened') {
      if (report.counted !== undefined) this.#counted.set(report.counted);
    } else if (report.kind === 'ended') {
      this.#ended.inc({ reason: report.end.kind });
    } else {
      this.#failed.inc({ reason: report.failure.kind });
    }
  }
}
