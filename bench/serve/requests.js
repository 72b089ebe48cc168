// What the servers are loaded with: requests as Slack sends them, whole, as they go over the connection.
import { createHmac } from 'node:crypto';
import { benchSecret } from './shared.js';

const form = new URLSearchParams({
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
  trigger_id: '1234567890.1234567890.abcdefghijklmnopqrstuvwxyzabcdef',
}).toString();

const event = (id) =>
  JSON.stringify({
    token: 'verification-token',
    team_id: 'T0123456789',
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
    authorizations: [{ enterprise_id: null, team_id: 'T0123456789', user_id: 'U1', is_bot: true }],
  });

function signed(body, type, secret = benchSecret) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return [
    'POST /webhooks/slack HTTP/1.1',
    'Host: spacelift.example.com',
    'User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)',
    'Accept-Encoding: gzip,deflate',
    'Accept: application/json,*/*',
    `X-Slack-Signature: v0=${signature}`,
    `X-Slack-Request-Timestamp: ${timestamp}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Content-Type: ${type}`,
    '',
    body,
  ].join('\r\n');
}

const formType = 'application/x-www-form-urlencoded';

export const command = () => signed(form, formType);
export const forgedCommand = () => signed(form, formType, 'another-secret');
export const newEvent = (id) => signed(event(id), 'application/json');
