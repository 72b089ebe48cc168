import { slackError } from '../../slack/api/slack-error.ts';
import { exchangeUnknownCode } from '../../slack/api/unknown-code.ts';
import type { SlackFailure } from '../../slack/api/web-api.ts';
import { explainError } from '../../slack/error-words/error-words.ts';
import { type Check, type Finding, fail, pass, skip, warn } from '../check.ts';
import { quote, unquoted } from '../quote.ts';
import { appDrift } from './app-drift.ts';

const slack = { network: true } as const;

export const slackChecks: readonly Check[] = [
  {
    ...slack,
    id: 'slack.reachable',
    needs: [],
    async run({ slack: api, redactor: { redact } }) {
      const result = await api.call('api.test', {});
      if (result.ok) return pass(`${api.url} answers`);
      const { message, hint } = slackError(result.failure, 'call Slack', api.url);
      if (result.failure.kind === 'rate-limited') return warn(unquoted(redact(message)), hint);
      return fail(unquoted(redact(message)), `${hint} Spacelift's server and drain must reach it too.`);
    },
  },
  {
    ...slack,
    id: 'slack.credentials',
    needs: ['env.client-id', 'env.client-secret', 'slack.reachable'],
    async run({ slack: api, credentials: { clientId, clientSecret }, redactor: { redact } }) {
      if (clientId === undefined || clientSecret === undefined) {
        return skip('there is no client id and client secret here to try');
      }
      const result = await exchangeUnknownCode(api, { clientId, clientSecret });
      return result.ok ? unexpected('ok') : judgeExchange(result.failure, api.url, redact);
    },
  },
  appDrift,
];

function judgeExchange(failure: SlackFailure, url: string, redact: (text: string) => string): Finding {
  if (failure.kind !== 'refused') {
    const { message, hint } = slackError(failure, 'try the credentials', url);
    return warn(unquoted(redact(message)), hint);
  }
  switch (failure.error) {
    case 'invalid_code':
      return pass('Slack knows the client id, and the client secret goes with it');
    case 'bad_client_secret':
      return fail(
        'SLACK_APP_CLIENT_SECRET does not go with SLACK_APP_CLIENT_ID (bad_client_secret)',
        'Copy both from Basic Information of the same app: the Client Secret, not the Signing Secret.',
      );
    case 'invalid_client_id':
      return fail(
        'Slack knows no app with this SLACK_APP_CLIENT_ID (invalid_client_id)',
        'Copy the Client ID (two numbers with a dot) from Basic Information; an app in GovSlack wants --slack-api-url https://slack-gov.com.',
      );
    default:
      return unexpected(redact(failure.error));
  }
}

function unexpected(word: string): Finding {
  return warn(
    `Slack answered ${quote(word)} where invalid_code was due: nothing is proven`,
    explainError(word)?.advice ?? 'Run the doctor again; if it stays so, try an installation by hand.',
  );
}
