import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { signingKey, verify } from '../../src/slack/signature.ts';
import { signingSecret } from './serve.ts';

interface Received {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly headers: NodeJS.Dict<string[]>;
  readonly body: Buffer;
  readonly signatureIsValid: boolean;
}

export type Respond = (response: ServerResponse, received: Received) => void;

export interface TestUpstream {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** How it responds from now on. */
  respond: Respond;
  /** Resolves when it has received this many requests. */
  hasReceived(count: number): Promise<void>;
}

/** A private Spacelift as a relay sees it, for one test. */
export async function startUpstream(
  respond: Respond = (response) => response.end(),
  { port = 0 } = {},
): Promise<TestUpstream> {
  const received: Received[] = [];
  const waiting: { readonly count: number; resolve(): void }[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const headers = request.headersDistinct;
    const verdict = verify(
      {
        signatures: headers['x-slack-signature'] ?? [],
        timestamps: headers['x-slack-request-timestamp'] ?? [],
        body,
      },
      [signingKey(signingSecret)],
      Math.floor(Date.now() / 1000),
    );
    const { method = '', url: path = '', rawHeaders } = request;
    const one = { method, path, rawHeaders, headers, body, signatureIsValid: verdict.valid };
    received.push(one);
    for (const { count, resolve } of waiting) if (received.length >= count) resolve();
    upstream.respond(response, one);
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the upstream has no port');
  const upstream: TestUpstream = {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    received,
    respond,
    hasReceived: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
  return upstream;
}
