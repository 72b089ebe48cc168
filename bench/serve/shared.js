/** Shared by the servers and the load; it protects nothing. */
export const benchSecret = 'bench-signing-secret';

const text = `This is not Spacelift. It is a stand-in that keeps the request URL of the app working until Spacelift is connected. It runs no commands.
*To connect Spacelift*, set \`SLACK_APP_CLIENT_ID\`, \`SLACK_APP_CLIENT_SECRET\` and \`SLACK_SECRET\` on it, and route \`/webhooks/slack\` to it. If Slack cannot reach it, restart this server with \`--upstream\` and the URL of Spacelift.`;
const remark = 'Sent by `spacelift-slack serve`. It has no `--upstream` yet.';

/** What `serve` answers to the command: the peers answer the same, so that all send as many bytes. */
export const benchAnswer = {
  response_type: 'ephemeral',
  text,
  blocks: [
    { type: 'section', text: { type: 'mrkdwn', text } },
    { type: 'context', elements: [{ type: 'mrkdwn', text: remark }] },
  ],
};
