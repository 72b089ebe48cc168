/** Shared by the servers and the load; it protects nothing. */
export const benchSecret = 'bench-signing-secret';

const text = `\`/spacelift subscribe &lt;stack&gt;\` subscribes this channel to a stack
\`/spacelift unsubscribe &lt;stack&gt;\` ends that
\`/spacelift list\` shows what this channel is subscribed to
\`/spacelift help\` shows this`;
const remark = 'A stack goes by its id: the last part of the address of its page in Spacelift.';

/** What `serve` answers to the command: the peers answer the same, so that all send as many bytes. */
export const benchAnswer = {
  response_type: 'ephemeral',
  text,
  blocks: [
    { type: 'section', text: { type: 'mrkdwn', text } },
    { type: 'context', elements: [{ type: 'mrkdwn', text: remark }] },
  ],
};
