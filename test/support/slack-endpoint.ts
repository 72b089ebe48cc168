import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { signingKey, verify } from '../../src/slack/signature.ts';

export interface EndpointOptions {
  readonly signingSecret: string;
  /** How far the server's clock is ahead of ours, in seconds. */
  readonly clockOffset?: number;
  /** The body as a parser on the way would hand it over. */
  readonly received?: (body: Buffer, contentType: string) => Buffer;
  /** True where a request passes although its signature does not. */
  readonly lenient?: (request: IncomingMessage, reason: string) => boolean;
  /** The status that a request with a bad signature gets. */
  readonly refusal?: number;
  /** Answers a rightly signed form. */
  readonly takeForm?: (response: ServerResponse) => unknown;
  /** What a challenge is answered with. */
  readonly answerTo?: (challenge: string) => string;
  /** Told of every request. */
  readonly record?: (request: IncomingMessage, body: Buffer) => void;
  /** Comes before everything else; true where it has answered. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
}

/** An endpoint that does what Spacelift's documentation says of it, with faults where a test wants them. */
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
