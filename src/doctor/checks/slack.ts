import { slackError } from '../../slack/api/slack-error.ts';
import { exchangeUnknownCode } from '../../slack/api/unknown-code.ts';
import type { SlackFailure } from '../../slack/api/web-api.ts';
import { explainError } from '../../slack/error-words/error-words.ts';
import { type Check, type CheckResult, fail, pass, skip, warn } from '../check.ts';
import { quote, unquoted } from '../quote.ts';
import type { Surroundings } from '../subject.ts';
import { appDrift } from './app-drift.ts';
import { resolvesNothing } from './unresolved-name.ts';
import { unusable } from './unusable.ts';

export const slackChecks: readonly Check[] = [
  { id: 'slack.reachable', needs: [], network: true, needsDomain: false, run: judgeReachable },
  {
    id: 'slack.credentials',
    needs: ['env.client-id', 'env.client-secret', 'slack.reachable'],
    network: true,
    needsDomain: false,
    run: judgeCredentials,
  },
  appDrift,
];

async function judgeReachable(subject: Surroundings): Promise<CheckResult> {
  const { slack: api, redactor } = subject;
  const result = await api.call('api.test', {});
  if (result.ok) return pass(`${api.url} responds`);
  const { message, hint } = slackError(result.failure, 'call Slack', api.url);
  const said = unquoted(redactor.redact(message));
  if (result.failure.kind === 'rate-limited') return warn(said, hint);
  if (await isOffline(subject, result.failure)) return offline;
  return fail(said, `${hint} Spacelift's server and drain must reach it too.`);
}

const offline = skip('not known: see dns.resolves');

/** Whether Slack and the domain cannot be reached for one reason, which dns.resolves names. */
async function isOffline({ network, target, runs }: Surroundings, { kind }: SlackFailure): Promise<boolean> {
  if (kind !== 'unreachable' && kind !== 'timeout') return false;
  if (!target || !runs.has('dns.resolves') || network.route(target.webhookDomain)) return false;
  return resolvesNothing(network, target.webhookDomain);
}

async function judgeCredentials(subject: Surroundings): Promise<CheckResult> {
  const { slack: api, usable, redactor } = subject;
  const { clientId, clientSecret } = usable;
  if (clientId === undefined || clientSecret === undefined) {
    return (
      unusable(subject, 'clientId', 'reports') ??
      unusable(subject, 'clientSecret', 'reports') ??
      skip('the Client ID and the Client Secret are not both set here')
    );
  }
  const result = await exchangeUnknownCode(api, { clientId, clientSecret });
  if (!result.ok && (await isOffline(subject, result.failure))) return offline;
  return result.ok ? unexpected('ok') : judgeExchange(result.failure, api.url, redactor.redact);
}

function judgeExchange(failure: SlackFailure, url: string, redact: (text: string) => string): CheckResult {
  if (failure.kind !== 'refused') {
    const { message, hint } = slackError(failure, 'try the credentials', url);
    return warn(unquoted(redact(message)), hint);
  }
  switch (failure.error) {
    case 'invalid_code':
      return pass('Slack knows the Client ID, and the Client Secret belongs to it');
    case 'bad_client_secret':
      return {
        ...fail(
          'SLACK_APP_CLIENT_SECRET does not belong to SLACK_APP_CLIENT_ID (bad_client_secret)',
          'Copy both from Basic Information of the same app: the Client Secret, not the Signing Secret.',
        ),
        inputAtFault: true,
      };
    case 'invalid_client_id':
      return {
        ...fail(
          'Slack knows no app with this SLACK_APP_CLIENT_ID (invalid_client_id)',
          'Copy the Client ID (two numbers with a dot) from Basic Information; for an app in GovSlack, pass --slack-api-url https://slack-gov.com.',
        ),
        inputAtFault: true,
      };
    default:
      return unexpected(redact(failure.error));
  }
}

function unexpected(word: string): CheckResult {
  return warn(
    `Slack responded ${quote(word)}, and invalid_code was expected: nothing is proven`,
    explainError(word)?.advice ??
      'Run doctor again; if the result stays the same, try an installation by hand.',
  );
}
