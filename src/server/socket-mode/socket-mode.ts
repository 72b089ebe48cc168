import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { openSocketUrl } from '../../slack/api/socket-url.ts';
import { createSlackApi } from '../../slack/api/web-api.ts';
import { signingKey } from '../../slack/signature.ts';
import type { SocketReplicas } from '../../store/socket-replicas.ts';
import { maxBodyBytes } from '../http/bodies.ts';
import type { FinishedRequest } from '../http/finished-request.ts';
import { readHeaders } from '../http/headers.ts';
import { callRoute, type HttpResponse, json, type Route, type RouteResult } from '../http/route.ts';
import type { Logger } from '../operations/log.ts';
import type { AcknowledgementResult } from '../outcome.ts';
import type { Messenger } from '../webhook/messenger.ts';
import { type Acknowledgement, acknowledge, acknowledgeLate } from './acknowledgement.ts';
import { systemClock } from './clock.ts';
import type { Reply } from './connection.ts';
import { SocketConnections } from './connections.ts';
import { type Envelope, envelopeTypes, rebuildRequest } from './envelopes.ts';
import { SharedConnections } from './replicas.ts';
import { describeReport } from './report.ts';
import { SocketMetrics } from './socket-metrics.ts';
import { webSocketOpener } from './web-socket.ts';

export interface SocketModeOptions {
  readonly appToken: string;
  /** How many connections to keep open, 1 to 10. */
  readonly connections: number;
  /** Where Slack's API is. */
  readonly slackUrl: string;
  /** For the proxy on the way to Slack: HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SocketModeSettings extends SocketModeOptions {
  /** Signs the rebuilt requests. */
  readonly signingSecret: string;
  /** Handles the rebuilt requests: the route that handles Slack's own. */
  readonly webhook: Route;
  /** Sends what an acknowledgement cannot carry. */
  readonly messenger: Messenger;
  readonly replicas: SocketReplicas;
  /** The name of this process among them, the same after a restart. */
  readonly replica: string;
  readonly onFinished: (request: FinishedRequest) => void;
  readonly log: Logger;
  readonly registry: Registry;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** The state of the connections. */
export interface SocketStatus {
  /** Connections on which Slack can send envelopes. */
  readonly ready: number;
  readonly wanted: number;
  /** Since Slack last sent anything, pings included. */
  readonly silentForMs: number;
}

export interface RunningSocketMode {
  /** Whether Slack can send envelopes: at least one connection has said hello. */
  readonly isReady: boolean;
  status(): SocketStatus;
  /** Accepts no more envelopes, acknowledges those in flight, and closes the connections. */
  stop(milliseconds: number): Promise<void>;
}

const urlTimeLimit = 10_000;

/**
 * Opens connections to Slack, and handles each envelope as the signed request that Slack would have sent.
 *
 * @throws UserError `too-many-connections`
 */
export async function startSocketMode(settings: SocketModeSettings): Promise<RunningSocketMode> {
  const { appToken, slackUrl, env, log, webhook, messenger, onFinished, now } = settings;
  const key = signingKey(settings.signingSecret);
  const api = createSlackApi({ url: slackUrl, env, timeoutMs: urlTimeLimit, longestWaitSeconds: 0 });
  const shared = new SharedConnections({
    replicas: settings.replicas,
    replica: settings.replica,
    count: settings.connections,
    clock: systemClock,
  });
  await shared.join();

  async function handleEnvelope(envelope: Envelope, reply: Reply): Promise<void> {
    const startedAt = performance.now();
    const receivedAt = now();
    const id = randomUUID();
    const rebuilt = rebuildRequest(envelope, key, Math.floor(receivedAt / 1000));
    const headers = readHeaders(rebuilt.headers);
    const { body } = rebuilt;
    const result =
      body.length > maxBodyBytes
        ? tooLarge(envelope)
        : await callRoute(webhook, {
            id,
            query: '',
            headers,
            body,
            client: undefined,
            receivedAt,
            startedAt,
          });
    const { status } = result.response;
    const acknowledgement = deliver(
      acknowledge(envelope, readResponse(result.response)),
      envelope,
      reply,
      id,
    );
    metrics.countEnvelope(envelope.type, acknowledgement);
    const milliseconds = performance.now() - startedAt;
    const { subject, outcome } = result;
    onFinished({ id, status, milliseconds, subject, outcome, headers, client: undefined, acknowledgement });
  }

  function deliver(
    acknowledgement: Acknowledgement,
    envelope: Envelope,
    reply: Reply,
    requestId: string,
  ): AcknowledgementResult {
    if (acknowledgement.kind === 'none') return 'none';
    const payload = acknowledgement.kind === 'payload' ? acknowledgement.payload : undefined;
    const isSent = reply(payload);
    const rest = isSent ? acknowledgement : acknowledgeLate(envelope, acknowledgement);
    if (rest.kind === 'message') messenger.send(rest.responseUrl, rest.message, requestId);
    return isSent ? acknowledgement.kind : 'connection-ended';
  }

  let warnedOfForeign = false;
  const watchCount = async (counted: number, own: number) => {
    const isForeign = await shared.findForeign(counted, own);
    if (isForeign && !warnedOfForeign) {
      log.warn(
        {
          counted,
          hint: 'Stop what else uses SLACK_APP_TOKEN: Slack sends each payload to only one connection.',
        },
        'Slack counts more connections than this process and its replicas hold',
      );
    }
    warnedOfForeign = isForeign;
  };

  const connections = new SocketConnections({
    count: settings.connections,
    clock: systemClock,
    random: Math.random,
    openSocket: webSocketOpener(env),
    getUrl: () => openSocketUrl(api, appToken),
    onEnvelope: handleEnvelope,
    onUnusable: ({ type, reason, envelopeId }) => {
      const acknowledgement = envelopeId === undefined ? 'none' : 'empty';
      metrics.countEnvelope(envelopeTypes.find((name) => name === type) ?? 'unknown', acknowledgement);
      log.warn({ type, reason, acknowledgement }, 'a message of Slack was not handled');
    },
    onReport: (report) => {
      metrics.countReport(report);
      const { level, message, fields } = describeReport(report, slackUrl);
      log[level](fields, message);
      if (report.kind === 'opened' && report.counted !== undefined) {
        void watchCount(report.counted, report.own);
      }
    },
  });
  const metrics = new SocketMetrics(settings.registry, connections);
  connections.start();
  shared.start(() => connections.openCount);

  return {
    get isReady() {
      return connections.readyCount > 0;
    },
    status: () => ({
      ready: connections.readyCount,
      wanted: settings.connections,
      silentForMs: connections.silentForMs,
    }),
    async stop(milliseconds) {
      await connections.stop(milliseconds);
      await shared.leave();
    },
  };
}

function readResponse({ status, headers = {}, body = '' }: HttpResponse) {
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'content-type');
  const contentType = name === undefined ? undefined : headers[name];
  return { status, contentType: [contentType].flat()[0], body: String(body) };
}

/** The limit of a request's body over HTTP. Slack would send it again and again. */
function tooLarge({ type }: Envelope): RouteResult {
  return {
    response: json(413, { error: 'too_large' }),
    subject: { kind: 'slack', what: type },
    outcome: { kind: 'invalid-request', reason: `a body over ${maxBodyBytes} bytes`, isVerified: true },
  };
}
