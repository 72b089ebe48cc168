// The best-known framework, set up as its documentation does: an App on the HTTPReceiver that answers one command.
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { benchAnswer, benchSecret } from './shared.js';

const receiver = new HTTPReceiver({
  signingSecret: benchSecret,
  endpoints: '/webhooks/slack',
  logLevel: LogLevel.ERROR,
  // A forged request is said at level error otherwise, thousands of times.
  dispatchErrorHandler: async ({ response }) => {
    response.writeHead(401);
    response.end();
  },
});
const app = new App({
  receiver,
  logLevel: LogLevel.ERROR,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B1', botUserId: 'U1' }),
});
app.command('/spacelift', async ({ ack }) => {
  await ack(benchAnswer);
});
app.event('app_mention', async () => undefined);
await app.start({ port: Number(process.env['PORT']), host: '127.0.0.1' });
