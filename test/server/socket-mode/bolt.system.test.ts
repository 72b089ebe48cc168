import { createServer, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { App, HTTPReceiver, LogLevel, type ReceiverEvent, type ViewSubmitAction } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acknowledge } from '../../../src/server/socket-mode/acknowledgement.ts';
import {
  type Envelope,
  type EnvelopeType,
  rebuildRequest,
} from '../../../src/server/socket-mode/envelopes.ts';
import { signingKey } from '../../../src/slack/signature.ts';
import { commandPayload, eventPayload, interactionPayloads } from './payloads.ts';

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const title = { type: 'plain_text', text: 'Runs' } as const;
const view = { type: 'modal' as const, title, blocks: [] };
const options = [{ text: { type: 'plain_text', text: 'Zürich & Köln' }, value: 'a+b' }] as const;

let port = 0;
let received: ReceiverEvent | undefined;
const receiver = new HTTPReceiver({ signingSecret, endpoints: '/webhooks/slack', logLevel: LogLevel.ERROR });
const server = createServer((incoming, response) => receiver.requestListener(incoming, response));

beforeAll(async () => {
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: 'xoxb-test', botId: 'B1', botUserId: 'U1' }),
    logLevel: LogLevel.ERROR,
  });
  app.use(async ({ next }) => next());
  app.command('/spacelift', async ({ ack }) => ack('Grüße & 100 %'));
  app.command('/blocks', async ({ ack }) => ack({ text: 'Runs', blocks: [{ type: 'divider' }] }));
  app.command('/silent', async ({ ack }) => ack());
  app.action('confirm', async ({ ack }) => ack());
  app.options('stack', async ({ ack }) => ack({ options: [...options] }));
  app.view<ViewSubmitAction>('runs', async ({ ack, payload }) =>
    ack(
      payload.private_metadata === 'update'
        ? { response_action: 'update', view }
        : { response_action: 'errors', errors: { b: 'zu kurz' } },
    ),
  );
  app.shortcut('runs', async ({ ack }) => ack());
  app.message(async () => undefined);
  const processEvent = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    received = event;
    await processEvent(event);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});

afterAll(() => void server.close());

/** Sends a request to Bolt byte for byte. */
function post(headers: readonly string[], body: Buffer) {
  return new Promise<{ status: number; contentType: string | undefined; body: string }>((resolve, reject) => {
    const all = ['Host', 'localhost', ...headers, 'Content-Length', String(body.length)];
    const outgoing = request({ port, method: 'POST', path: '/webhooks/slack', headers: all }, (response) => {
      text(response).then(
        (content) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'],
            body: content,
          }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function send(envelope: Envelope) {
  received = undefined;
  const now = Math.floor(Date.now() / 1000);
  const { headers, body } = rebuildRequest(envelope, signingKey(signingSecret), now);
  return post(headers, body);
}

function envelope(type: EnvelopeType, payload: object, retry?: Envelope['retry']): Envelope {
  return {
    id: 'e-1',
    type,
    payload: { ...payload },
    acceptsResponsePayload: type !== 'events_api',
    retry: retry ?? undefined,
  };
}

describe('a rebuilt request, as @slack/bolt reads it over HTTP', () => {
  it('holds an event with every value as it was', async () => {
    const response = await send(envelope('events_api', eventPayload));
    expect(response.status).toBe(200);
    expect(received?.body).toEqual(eventPayload);
    expect(received?.retryNum).toBeUndefined();
  });

  it('says how often an event has been sent, and why again', async () => {
    await send(envelope('events_api', eventPayload, { attempt: 2, reason: 'timeout' }));
    expect(received).toMatchObject({ retryNum: 2, retryReason: 'timeout' });
  });

  it('holds a command with every value as Slack sends it over HTTP', async () => {
    await send(envelope('slash_commands', commandPayload));
    const { enterprise_id: _, ...texts } = commandPayload;
    expect(received?.body).toEqual({ ...texts, is_enterprise_install: 'false' });
  });

  it.each(Object.entries(interactionPayloads))('holds %s with every value as it was', async (_, payload) => {
    await send(envelope('interactive', payload));
    expect(received?.body).toEqual(payload);
  });
});

describe("the acknowledgement of @slack/bolt's response", () => {
  const command = (name: string) => envelope('slash_commands', { ...commandPayload, command: name });
  const submission = (metadata: string) => {
    const { view_submission } = interactionPayloads;
    return envelope('interactive', {
      ...view_submission,
      view: { ...view_submission.view, private_metadata: metadata },
    });
  };

  it.each([
    ['a text', command('/spacelift'), { kind: 'payload', payload: { text: 'Grüße & 100 %' } }],
    [
      'Block Kit',
      command('/blocks'),
      { kind: 'payload', payload: { text: 'Runs', blocks: [{ type: 'divider' }] } },
    ],
    ['nothing, for a command', command('/silent'), { kind: 'empty' }],
    ['nothing, for an event', envelope('events_api', eventPayload), { kind: 'empty' }],
    ['nothing, for a button', envelope('interactive', interactionPayloads.block_actions), { kind: 'empty' }],
    ['nothing, for a shortcut', envelope('interactive', interactionPayloads.shortcut), { kind: 'empty' }],
    [
      'view errors',
      submission('errors'),
      { kind: 'payload', payload: { response_action: 'errors', errors: { b: 'zu kurz' } } },
    ],
    ['a new view', submission('update'), { kind: 'payload', payload: { response_action: 'update', view } }],
    [
      'options',
      envelope('interactive', interactionPayloads.block_suggestion),
      { kind: 'payload', payload: { options } },
    ],
  ])('carries %s', async (_, sent, expected) => {
    expect(acknowledge(sent, await send(sent))).toEqual(expected);
  });
});
