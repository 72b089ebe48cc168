import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { signingKey, verify } from '../../src/slack/signature.ts';

export interface EndpointOptions {
  readonly signingSecret: string;
  /** How far the server's clock is ahead, in seconds. */
  readonly clockOffset?: number;
  /** Changes the body, as a proxy or parser on the way would. */
  readonly received?: (body: Buffer, contentType: string) => Buffer;
  /** Whether to accept a request in spite of its invalid signature. */
  readonly lenient?: (request: IncomingMessage, reason: string) => boolean;
  /** The status for a request with an invalid signature. */
  readonly refusal?: number;
  /** Responds to a correctly signed form. */
  readonly takeForm?: (response: ServerResponse) => unknown;
  /** The response to a challenge. */
  readonly answerTo?: (challenge: string) => string;
  /** Called for every request. */
  readonly record?: (request: IncomingMessage, body: Buffer) => void;
  /** Called first. @returns whether it has responded */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
}

/** An endpoint that behaves as Spacelift's documentation says, with the faults that a test asks for. */
export function slackEndpoint(options: EndpointOptions): RequestListener {
  const { signingSecret, clockOffset = 0, received = (body) => body, lenient = () => false } = options;
  const takeForm = options.takeForm ?? ((response) => response.writeHead(200).end());
  const answerTo = options.answerTo ?? ((challenge) => JSON.stringify({ challenge }));

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const raw = await buffer(request);
    options.record?.(request, raw);
    if (clockOffset !== 0) {
      response.setHeader('Date', new Date(Date.now() + clockOffset * 1000).toUTCString());
    }
    if (await options.before?.(request, response)) return;
    if (request.method === 'GET' && request.url === '/slack_oauth') {
      return response.writeHead(400, { 'Content-Type': 'text/html' }).end('<title>No code</title>');
    }
    if (request.method !== 'POST' || request.url !== '/webhooks/slack') return response.writeHead(404).end();
    const type = request.headers['content-type'] ?? '';
    const verdict = verify(
      {
        signatures: [request.headers['x-slack-signature'] ?? []].flat(),
        timestamps: [request.headers['x-slack-request-timestamp'] ?? []].flat(),
        body: received(raw, type),
      },
      [signingKey(signingSecret)],
      Math.floor(Date.now() / 1000) + clockOffset,
    );
    if (!verdict.valid && !lenient(request, verdict.reason)) {
      return response.writeHead(options.refusal ?? 401).end();
    }
    if (type !== 'application/json') return takeForm(response);
    const body: unknown = JSON.parse(raw.toString('utf8'));
    const challenge = typeof body === 'object' && body !== null && 'challenge' in body ? body.challenge : '';
    return response.writeHead(200, { 'Content-Type': 'application/json' }).end(answerTo(String(challenge)));
  };
  return (request, response) => {
    handle(request, response).catch(() => response.destroy());
  };
}
