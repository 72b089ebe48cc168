import { classifyFailure, describeFailure } from '../../net/connection-failure.ts';
import { slackError } from '../../slack/api/slack-error.ts';
import type { SocketUrlFailure } from '../../slack/api/socket-url.ts';
import { adviseOnSocketMode } from '../../slack/socket-mode-advice.ts';
import type { ConnectionEnd } from './connection.ts';
import type { ConnectionReport, OpenFailure } from './connections.ts';

/** A log line. What is undefined does not show. */
export interface ReportLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | undefined>>;
}

/**
 * The log line of a report.
 *
 * @param slackUrl where Slack's API is
 */
export function describeReport(report: ConnectionReport, slackUrl: string): ReportLine {
  switch (report.kind) {
    case 'opened': {
      const { slot, counted } = report;
      return { level: 'info', message: 'connected to Slack', fields: { connection: slot, counted } };
    }
    case 'ended': {
      const { slot, end } = report;
      const expected = end.kind === 'refresh';
      return {
        level: expected ? 'info' : 'warn',
        message: expected ? 'Slack will end a connection: opening a new one' : 'a connection to Slack ended',
        fields: { connection: slot, reason: reasonOf(end) },
      };
    }
    case 'open-failed': {
      const { failure, repeated, retryInMs } = report;
      const { reason, hint } =
        failure.kind === 'no-url'
          ? explainNoUrl(failure.failure, slackUrl)
          : { reason: reasonOf(failure), hint: hintFor(failure) };
      return {
        level: repeated ? 'debug' : 'error',
        message: 'cannot connect to Slack',
        fields: { reason, hint, retryInSeconds: Math.round(retryInMs / 100) / 10 },
      };
    }
  }
}

function reasonOf(end: ConnectionEnd): string {
  switch (end.kind) {
    case 'refresh':
    case 'rejected':
      return end.reason;
    case 'silent':
      return 'nothing received for 20 s, not even a response to a ping';
    case 'no-hello':
      return 'connected, but no hello from Slack within 10 s';
    case 'closed': {
      const failure = classifyFailure(end.cause);
      if (failure) return describeFailure(failure);
      return end.cause instanceof Error ? end.cause.message : 'the connection was closed';
    }
  }
}

function hintFor(failure: Exclude<OpenFailure, { kind: 'no-url' }>): string {
  if (failure.kind === 'rejected') return adviseOnSocketMode(failure.reason);
  return 'Allow connections to wss-primary.slack.com and wss-backup.slack.com on port 443; if a proxy is required, set HTTPS_PROXY.';
}

function explainNoUrl(
  failure: SocketUrlFailure,
  slackUrl: string,
): { readonly reason: string; readonly hint: string } {
  if (failure.kind === 'insecure-url') {
    return {
      reason: 'Slack gave a WebSocket URL that is not wss:',
      hint: 'Check --slack-api-url, and whether a proxy intercepts the connection.',
    };
  }
  const { message, hint = '' } = slackError(failure, 'get a WebSocket URL', slackUrl);
  return { reason: message, hint: failure.kind === 'refused' ? adviseOnSocketMode(failure.error) : hint };
}
