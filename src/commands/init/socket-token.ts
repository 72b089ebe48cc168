import { appTokenVariable, readAppToken } from '../../environment/app-token.ts';
import { renderRelayFile } from '../../environment/relay-variables.ts';
import { openSocketUrl } from '../../slack/api/socket-url.ts';
import type { SlackApi } from '../../slack/api/web-api.ts';
import { appList, appPage } from '../../slack/app-page.ts';
import { adviseOnSocketMode } from '../../slack/socket-mode-advice.ts';
import { ask } from '../../terminal/prompt.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';

/** The file of the relay, beside the env file that keeps the credentials of Spacelift. */
export const relayFile = 'relay.env';

export interface SocketTokenInput {
  readonly terminal: Terminal;
  /** The token from the environment, an env file or standard input. */
  readonly given: string | undefined;
  readonly signingSecret: string;
  readonly appId: string | undefined;
  readonly slack: SlackApi;
}

/**
 * The app-level token, which a person makes by hand: asked for, and tried at Slack.
 *
 * @throws UserError `app-token-wrong`
 */
export async function obtainAppToken(input: SocketTokenInput): Promise<string> {
  const { terminal, given, signingSecret, appId, slack } = input;
  const context = { signingSecret, appId };
  if (given === undefined) {
    const page = appId === undefined ? appList(slack.url) : appPage(slack.url, appId, '/general');
    terminal.note(
      `Generate an app-level token at ${page}: App-Level Tokens > Generate, with the scope connections:write.`,
    );
  }
  const value =
    given ??
    (await ask(terminal, {
      message: `App-Level Token (${appTokenVariable})`,
      instead: appTokenVariable,
      secret: true,
      problem: (answer) => {
        const read = readAppToken(answer, context);
        return read.ok ? undefined : read.problem;
      },
    }));
  const read = readAppToken(value, context);
  if (!read.ok) throw new UserError('app-token-wrong', read.problem, { hint: read.hint, exitCode: 2 });
  const url = await openSocketUrl(slack, read.token);
  if (url.ok) terminal.note('Slack accepts the app-level token.');
  else if (url.failure.kind === 'refused') {
    throw new UserError(
      'app-token-wrong',
      `Slack does not accept the app-level token: ${url.failure.error}`,
      {
        hint: adviseOnSocketMode(url.failure.error),
        exitCode: 3,
      },
    );
  } else terminal.warn('Could not check the app-level token with Slack; run doctor later.');
  return read.token;
}

/** The content of the relay's file. */
export function relayFileContent(signingSecret: string, appToken: string): string {
  return renderRelayFile({ signingSecret, appToken });
}
