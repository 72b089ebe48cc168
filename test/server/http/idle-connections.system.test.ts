import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { commandForm, formType, signedHeaders, startTestServer } from '../../support/serve.ts';

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** References to the requests that servers in this process receive; they keep none in memory. */
function watchRequests(): readonly WeakRef<object>[] {
  const received: WeakRef<object>[] = [];
  const note = (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('request' in message)) return;
    if (typeof message.request === 'object' && message.request) received.push(new WeakRef(message.request));
  };
  subscribe('http.server.request.start', note);
  onTestFinished(() => void unsubscribe('http.server.request.start', note));
  return received;
}

it('keeps no request of an idle connection in memory', async () => {
  const { port } = await startTestServer();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const received = watchRequests();
  const body = commandForm();
  const sent = request({
    port,
    host: '127.0.0.1',
    path: '/webhooks/slack',
    method: 'POST',
    headers: signedHeaders(body, { type: formType }),
    agent,
  });
  const response = new Promise<string>((resolve, reject) => {
    sent.on('response', (message) => text(message).then(resolve, reject));
  });
  sent.end(body);
  expect(await response).toContain('ephemeral');
  expect(received).toHaveLength(1);
  await expect
    .poll(() => {
      collectGarbage();
      return received[0]?.deref();
    })
    .toBeUndefined();
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
});
