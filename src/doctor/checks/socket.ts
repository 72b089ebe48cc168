import { request } from 'undici';
import { readAppToken } from '../../environment/app-token.ts';
import { classifyFailure, describeFailure } from '../../net/connection-failure.ts';
import { proxyAgent } from '../../net/proxy-agent.ts';
import { slackError } from '../../slack/api/slack-error.ts';
import { adviseOnSocketMode } from '../../slack/socket-mode-advice.ts';
import { type Check, type CheckResult, fail, pass, skip } from '../check.ts';
import { unquoted } from '../quote.ts';

/** How long the WebSocket's host may take to respond, in milliseconds. */
const reachLimitMs = 8_000;

export const socketChecks: readonly Check[] = [
  {
    id: 'socket.token',
    needs: [],
    network: false,
    needsDomain: false,
    async run({ socket: { token, appId }, credentials: { signingSecret } }) {
      const read = readAppToken(token, { signingSecret, appId });
      return read.ok ? pass(`an app-level token of the app ${read.appId}`) : fail(read.problem, read.hint);
    },
  },
  {
    id: 'socket.enabled',
    needs: ['socket.token', 'slack.reachable'],
    network: true,
    needsDomain: false,
    async run({ socket, slack, redactor: { redact } }) {
      const url = await socket.getUrl();
      if (url.ok) return pass('apps.connections.open succeeded: the token is valid, and Socket Mode is on');
      const { failure } = url;
      if (failure.kind === 'insecure-url') {
        return fail('Slack gave a WebSocket URL that is not wss:', 'Check --slack-api-url.');
      }
      const { message, hint = '' } = slackError(failure, 'get a WebSocket URL', slack.url);
      const advice = failure.kind === 'refused' ? adviseOnSocketMode(failure.error) : hint;
      return fail(unquoted(redact(message)), advice);
    },
  },
  {
    id: 'socket.reachable',
    needs: ['socket.enabled'],
    network: true,
    needsDomain: false,
    async run({ socket }) {
      const url = await socket.getUrl();
      if (!url.ok) return skip('there is no WebSocket URL');
      const { host } = new URL(url.value);
      const dispatcher = proxyAgent(socket.env);
      try {
        const { body } = await request(withoutTicket(url.value), {
          dispatcher,
          signal: AbortSignal.any([socket.signal, AbortSignal.timeout(reachLimitMs)]),
        });
        await body.dump();
        return pass(`${host} accepts connections from here`);
      } catch (error) {
        return unreachable(host, error);
      } finally {
        await dispatcher.destroy();
      }
    },
  },
];

/** The address of a WebSocket's host without the ticket: a request to it must not become a WebSocket. */
export function withoutTicket(webSocketUrl: string): string {
  const { host, protocol } = new URL(webSocketUrl);
  return `${protocol === 'ws:' ? 'http' : 'https'}://${host}/`;
}

/** What it means that a WebSocket's host gave no response. @param error why: of the connection, or the time limit */
export function unreachable(host: string, error: unknown): CheckResult {
  const failure = classifyFailure(error);
  const reason = failure ? describeFailure(failure) : `no response within ${reachLimitMs / 1000} s`;
  return fail(
    `cannot connect to ${host}: ${reason}`,
    'Allow wss-primary.slack.com and wss-backup.slack.com on port 443; if a proxy is required, set HTTPS_PROXY.',
  );
}

/** The other checks, as they apply to a Spacelift that only the relay has to reach. */
export function insideNetwork(checks: readonly Check[]): readonly Check[] {
  return checks.map((check) => {
    switch (check.id) {
      case 'domain.valid':
        return {
          ...check,
          needsDomain: true,
          run: async ({ target: { webhookDomain } }) => pass(`the relay calls ${webhookDomain}`),
        };
      case 'dns.public':
        return {
          ...check,
          needs: [],
          run: async () => skip('not checked: with Socket Mode, Slack calls no address'),
        };
      default:
        return check;
    }
  });
}
