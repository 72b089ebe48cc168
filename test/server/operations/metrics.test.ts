import { expect, it } from 'vitest';
import type { FinishedRequest } from '../../../src/server/http/finished-request.ts';
import { Metrics } from '../../../src/server/operations/metrics.ts';

const command: FinishedRequest = {
  id: '6b1c2a52-4f0e-4c57-9a3f-0d8f5d6c1e11',
  status: 200,
  milliseconds: 1,
  subject: { kind: 'command' },
  outcome: { kind: 'responded' },
  headers: {},
  client: undefined,
};
const forged: FinishedRequest = {
  ...command,
  status: 401,
  milliseconds: 0.5,
  subject: { kind: 'slack' },
  outcome: { kind: 'rejected', reason: 'signature-wrong' },
};

/** The text of our own metrics. */
async function textOf(metrics: Metrics): Promise<string> {
  const all = (await metrics.registry.metrics()).split('\n\n');
  return all.filter((metric) => metric.includes('spacelift_slack_')).join('\n\n');
}

it('counts requests by kind and status, rejections by reason, and durations by kind', async () => {
  const metrics = new Metrics();
  metrics.count(command);
  metrics.count({ ...command, milliseconds: 1.5 });
  metrics.count({ ...command, status: 503, milliseconds: 20 });
  metrics.count(forged);
  metrics.count({ ...command, status: 0, milliseconds: 3_001, subject: { kind: 'event' } });
  metrics.countClosed('peer');
  await expect(textOf(metrics)).resolves.toMatchInlineSnapshot(`
    "# HELP spacelift_slack_requests_total Requests by kind and HTTP status. Status 0: the connection was closed before the response.
    # TYPE spacelift_slack_requests_total counter
    spacelift_slack_requests_total{kind="command",status="200"} 2
    spacelift_slack_requests_total{kind="command",status="503"} 1
    spacelift_slack_requests_total{kind="slack",status="401"} 1
    spacelift_slack_requests_total{kind="event",status="0"} 1

    # HELP spacelift_slack_rejected_total Requests rejected because of their signature, by the reason in the log.
    # TYPE spacelift_slack_rejected_total counter
    spacelift_slack_rejected_total{reason="signature-wrong"} 1

    # HELP spacelift_slack_request_duration_seconds Time from the end of the headers to the response. Slack waits 3 s.
    # TYPE spacelift_slack_request_duration_seconds histogram
    spacelift_slack_request_duration_seconds_bucket{le="0.001",kind="command"} 1
    spacelift_slack_request_duration_seconds_bucket{le="0.005",kind="command"} 2
    spacelift_slack_request_duration_seconds_bucket{le="0.02",kind="command"} 3
    spacelift_slack_request_duration_seconds_bucket{le="0.1",kind="command"} 3
    spacelift_slack_request_duration_seconds_bucket{le="0.5",kind="command"} 3
    spacelift_slack_request_duration_seconds_bucket{le="1",kind="command"} 3
    spacelift_slack_request_duration_seconds_bucket{le="2",kind="command"} 3
    spacelift_slack_request_duration_seconds_bucket{le="3",kind="command"} 3
    spacelift_slack_request_duration_seconds_bucket{le="+Inf",kind="command"} 3
    spacelift_slack_request_duration_seconds_sum{kind="command"} 0.0225
    spacelift_slack_request_duration_seconds_count{kind="command"} 3
    spacelift_slack_request_duration_seconds_bucket{le="0.001",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="0.005",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="0.02",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="0.1",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="0.5",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="1",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="2",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="3",kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="+Inf",kind="slack"} 1
    spacelift_slack_request_duration_seconds_sum{kind="slack"} 0.0005
    spacelift_slack_request_duration_seconds_count{kind="slack"} 1
    spacelift_slack_request_duration_seconds_bucket{le="0.001",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="0.005",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="0.02",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="0.1",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="0.5",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="1",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="2",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="3",kind="event"} 0
    spacelift_slack_request_duration_seconds_bucket{le="+Inf",kind="event"} 1
    spacelift_slack_request_duration_seconds_sum{kind="event"} 3.001
    spacelift_slack_request_duration_seconds_count{kind="event"} 1

    # HELP spacelift_slack_connections_closed_total Connections closed without a response, because there were too many: of all peers, or of one peer.
    # TYPE spacelift_slack_connections_closed_total counter
    spacelift_slack_connections_closed_total{reason="peer"} 1

    # HELP spacelift_slack_requests_shed_total Requests refused with 503, and connections closed, because the process had too little CPU time for all.
    # TYPE spacelift_slack_requests_shed_total counter
    spacelift_slack_requests_shed_total 0
    "
  `);
});

it('continues to count after a scrape', async () => {
  const metrics = new Metrics();
  const count = async () => {
    metrics.count(command);
    return (await textOf(metrics)).split('\n').filter((line) => line.includes('kind="command"'));
  };
  await count();
  const lines = await count();
  expect(lines).toContain('spacelift_slack_requests_total{kind="command",status="200"} 2');
  expect(lines).toContain('spacelift_slack_request_duration_seconds_bucket{le="0.001",kind="command"} 2');
  expect(lines).toContain('spacelift_slack_request_duration_seconds_sum{kind="command"} 0.002');
  expect(lines).toContain('spacelift_slack_request_duration_seconds_count{kind="command"} 2');
});

it('has no series with labels before the first request', async () => {
  const lines = (await textOf(new Metrics())).split('\n');
  expect(lines.filter((line) => line.includes('{'))).toEqual([]);
});
