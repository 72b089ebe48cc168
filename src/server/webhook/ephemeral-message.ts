/** A message in Block Kit that only the person who used the app sees (Slack: Handling user interaction). */
export interface EphemeralMessage {
  readonly response_type: 'ephemeral';
  /** For notifications and screen readers. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

interface Markdown {
  readonly type: 'mrkdwn';
  readonly text: string;
}

type Block =
  | { readonly type: 'section'; readonly text: Markdown }
  | { readonly type: 'context'; readonly elements: readonly Markdown[] };

/**
 * Builds an ephemeral message.
 *
 * @param text in Slack's mrkdwn; text from outside must be escaped
 * @param remark shown below the text in small print
 */
export function ephemeral(text: string, remark?: string): EphemeralMessage {
  return {
    response_type: 'ephemeral',
    text,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      ...(remark === undefined
        ? []
        : [{ type: 'context', elements: [{ type: 'mrkdwn', text: remark }] } satisfies Block]),
    ],
  };
}
