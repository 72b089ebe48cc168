// The requests of the load, as Slack sends them.
import { createHmac } from 'node:crypto';
import { benchSecret } from './shared.js';

const userAgent = 'Slackbot 1.0 (+https://api.slack.com/robots)';

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

/** A command. Those with the same number and second are the same request. */
export function signedCommand(number, secret = benchSecret) {
  const trigger_id = `1234567890.${number}.abcdefghijklmnopqrstuvwxyzabcdef`;
  const body = new URLSearchParams({ ...form, trigger_id }).toString();
  return signed(body, 'application/x-www-form-urlencoded', secret);
}

export const signedEvent = (id, workspace) =>
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
    benchSecret,
  );

function signed(body, type, secret) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'User-Agent': userAgent,
      Accept: 'application/json,*/*',
      'X-Slack-Signature': `v0=${signature}`,
      'X-Slack-Request-Timestamp': timestamp,
      'Content-Length': Buffer.byteLength(body),
      'Content-Type': type,
    },
  };
}

/** A request as it goes over the connection. */
export function rawRequest({ body, headers }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return ['POST /webhooks/slack HTTP/1.1', 'Host: spacelift.example.com', ...lines, '', body].join('\r\n');
}

/** What servers without an upstream get. The relay and its peers are measured without Accept-Encoding. */
const accepting = ({ body, headers }) =>
  rawRequest({
    body,
    headers: { 'User-Agent': userAgent, 'Accept-Encoding': 'gzip,deflate', ...headers },
  });

export const command = () => accepting(signedCommand(1234567890));
export const forgedCommand = () => accepting(signedCommand(1234567890, 'another-secret'));
export const newEvent = (id) => accepting(signedEvent(id, 'T0123456789'));
