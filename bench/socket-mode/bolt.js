// The peer: @slack/bolt's SocketModeReceiver with a handler that does nothing but acknowledge.
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';

const [apiUrl = ''] = process.argv.slice(2);
const receiver = new SocketModeReceiver({
  appToken: process.env['SLACK_APP_TOKEN'] ?? '',
  logLevel: LogLevel.ERROR,
  installerOptions: { clientOptions: { slackApiUrl: `${apiUrl}/api/` } },
});
const app = new App({
  receiver,
  logLevel: LogLevel.ERROR,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B1', botUserId: 'U1' }),
});
app.command('/spacelift', async ({ ack }) => ack());
await app.start();
