// Requests as Slack makes them, and what it takes to send one.
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { benchSecret } from '../serve/shared.js';

const form = {
  token: 'verification-token',
  team_id: 'T0123456789',
  team_domain: 'example',
  channel_id: 'C0123456789',
  channel_name: 'ops',
  user_id: 'U0123456789',
  user_name: 'somebody',
  command: '/spacelift',
  text: 'help',
  api_app_id: 'A0123456789',
  response_url: 'https://hooks.slack.com/commands/T0123456789/1234567890/abcdefghijklmnopqrstuvwx',
};

let commands = 0;

/** A command. No two are the same: the relay forwards each signed request once. */
export function command() {
  const trigger_id = `1234567890.${++commands}.abcdefghijklmnopqrstuvwxyzabcdef`;
  return signed(new URLSearchParams({ ...form, trigger_id }).toString(), 'application/x-www-form-urlencoded');
}

export const event = (id, workspace) =>
  signed(
    JSON.stringify({
      token: 'verification-token',
      team_id: workspace,
      api_app_id: 'A0123456789',
      event: {
        type: 'app_mention',
        user: 'U0123456789',
        text: 'hello',
        ts: '1700000000.000100',
        channel: 'C0123456789',
      },
      type: 'event_callback',
      event_id: id,
      event_time: 1_700_000_000,
      authorizations: [{ enterprise_id: null, team_id: workspace, user_id: 'U1', is_bot: true }],
    }),
    'application/json',
  );

function signed(body, type) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', benchSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      Accept: 'application/json,*/*',
      'X-Slack-Signature': `v0=${signature}`,
      'X-Slack-Request-Timestamp': timestamp,
      'Content-Length': Buffer.byteLength(body),
      'Content-Type': type,
    },
  };
}

export function rawRequest({ body, headers }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return ['POST /webhooks/slack HTTP/1.1', 'Host: spacelift.example.com', ...lines, '', body].join('\r\n');
}

/** Posts a request. @returns how long it took to the end of the answer; rejects on any status but 200 */
export function post(port, { body, headers }, { agent, signal }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const outgoing = request(
      { port, host: '127.0.0.1', path: '/webhooks/slack', method: 'POST', headers, agent, signal },
      (response) => {
        response.resume();
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve({ milliseconds: performance.now() - began });
          else reject(new Error(`HTTP ${response.statusCode}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Resolves when a server answers. */
export async function ready(port) {
  const began = performance.now();
  for (;;) {
    try {
      await post(port, command(), { agent: undefined });
      return;
    } catch (error) {
      if (performance.now() - began > 20_000) throw error;
      await setTimeout(20);
    }
  }
}
