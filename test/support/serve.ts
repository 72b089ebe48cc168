import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Chalk } from 'chalk';
import { onTestFinished } from 'vitest';
import { createLog } from '../../src/server/operations/log.ts';
import { type RunningServer, type ServerSettings, startServer } from '../../src/server/server.ts';
import { sign } from '../../src/slack/signature.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';

export interface TestServer {
  readonly server: RunningServer;
  readonly store: Store;
  readonly port: number;
  /** `http://127.0.0.1:…` of the public listener. */
  readonly url: string;
  readonly adminUrl: string;
  /** The lines of the log so far, parsed. */
  log(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The log as it was written. */
  logText(): Promise<string>;
  stop(): Promise<void>;
}

/** A server in this process, on free ports, with its own store; it stops when the test ends. */
export async function startTestServer(
  more: Partial<ServerSettings> = {},
  onEnd: (stop: () => Promise<void>) => void = onTestFinished,
): Promise<TestServer> {
  const store =
    more.store ?? (await openSqliteStore(join(await temporaryFolder(onEnd), 'serve.db'), undefined));
  let text = '';
  const log = createLog({
    format: 'json',
    level: 'debug',
    write: (lines) => {
      text += lines;
    },
    pen: new Chalk({ level: 0 }),
    now: () => Date.now(),
  });
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    adminListen: { host: '127.0.0.1', port: 0 },
    signingSecrets: [signingSecret],
    relay: undefined,
    socketMode: undefined,
    slack: { url: 'https://slack.com', env: {} },
    trustedProxies: 'none',
    // The event loop is also that of the test.
    shedsLoad: false,
    descriptorLimit: undefined,
    oauth: undefined,
    log,
    now: () => Date.now(),
    ...more,
    store,
  });
  const logText = async () => {
    // A request is logged after its response, and lines are collected for one turn of the event loop.
    await setTimeout(10);
    return text;
  };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.stop();
    return stopped;
  };
  onEnd(stop);
  const port = server.address?.port ?? 0;
  return {
    server,
    store,
    port,
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${server.adminAddress.port}`,
    log: async () => (await logText()).split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])),
    logText,
    stop,
  };
}

export const formType = 'application/x-www-form-urlencoded';

/** The headers that Slack sends with a body. */
export function signedHeaders(
  body: Uint8Array | string,
  { type = 'application/json', secret = signingSecret, at = Math.floor(Date.now() / 1000) } = {},
): Record<string, string> {
  const timestamp = String(at);
  return {
    'Content-Type': type,
    'X-Slack-Request-Timestamp': timestamp,
    'X-Slack-Signature': sign(secret, timestamp, body),
  };
}

/** Posts a body to the webhook as Slack would. */
export function post(
  url: string,
  body: string,
  more: Parameters<typeof signedHeaders>[1] = {},
): Promise<Response> {
  return fetch(`${url}/webhooks/slack`, { method: 'POST', body, headers: signedHeaders(body, more) });
}

let triggers = 0;

/** A slash command's form, with changes. As in Slack, no two are the same. */
export function commandForm(more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({
    token: 'verification-token',
    team_id: 'T1',
    channel_id: 'C1',
    user_id: 'U1',
    command: '/spacelift',
    text: 'help',
    response_url: 'https://hooks.slack.com/commands/T1/1/response-url-secret',
    trigger_id: `1.${++triggers}.trigger-secret`,
    ...more,
  }).toString();
}

/** An event's envelope, with changes. */
export function eventBody(
  eventId: string,
  event: object = { type: 'app_mention' },
  more: object = {},
): string {
  return JSON.stringify({
    token: 'verification-token',
    team_id: 'T1',
    api_app_id: 'A1',
    type: 'event_callback',
    event,
    event_id: eventId,
    event_time: 1_700_000_000,
    ...more,
  });
}

/** Holds back the writing of events, until `finish` is called; `begun` resolves when the first one arrives. */
export function holdEvents(store: Store): { readonly begun: Promise<void>; finish(): void } {
  const record = store.recordEvent.bind(store);
  let finish: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    store.recordEvent = async (event) => {
      resolve();
      await wait;
      return record(event);
    };
  });
  return { begun, finish };
}
