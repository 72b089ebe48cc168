import { describeFailureAt } from '../../net/connection-failure.ts';
import { UserError } from '../../user-error.ts';
import { explainError } from '../error-words/error-words.ts';
import { manifestProblems } from './app-manifest-api.ts';
import type { SlackFailure } from './web-api.ts';

/**
 * What a person is told where Slack did not do what it was asked to.
 *
 * @param aim what was tried, as it follows "could not": `create the app`
 * @param url Slack's origin
 */
export function slackError(failure: SlackFailure, aim: string, url: string): UserError {
  const { code, reason, hint } = describe(failure, url);
  return new UserError(code, `could not ${aim}: ${reason}`, { hint, exitCode: 3 });
}

/**
 * Why a call failed, as the end of a sentence.
 *
 * @param url Slack's origin
 */
export function describeSlackFailure(failure: SlackFailure, url: string): string {
  return describe(failure, url).reason;
}

interface Description {
  readonly code: string;
  readonly reason: string;
  readonly hint: string;
}

function describe(failure: SlackFailure, url: string): Description {
  switch (failure.kind) {
    case 'refused':
      return describeRefusal(failure);
    case 'rate-limited':
      return {
        code: 'slack-rate-limited',
        reason: `Slack takes no more of these calls for ${failure.retryAfterSeconds} s`,
        hint: 'Run the same command again after that time.',
      };
    case 'http':
      return {
        code: 'slack-http-error',
        reason: `${url} answered with HTTP status ${failure.status}`,
        hint:
          failure.status >= 500
            ? 'Look at https://slack-status.com, and try again later.'
            : 'Check --slack-api-url, and whether a proxy stands in between.',
      };
    case 'unreadable':
      return {
        code: 'slack-unreadable',
        reason: `${url} answered with something that is not Slack's`,
        hint: 'Check --slack-api-url, and whether a proxy or a login page stands in between.',
      };
    case 'timeout':
      return {
        code: 'slack-timeout',
        reason: `${url} did not answer within ${failure.afterMs / 1000} s`,
        hint: 'Look at https://slack-status.com, and whether HTTPS_PROXY has to be set here.',
      };
    case 'unreachable':
      return {
        code: 'slack-unreachable',
        reason: describeFailureAt(url, failure.cause),
        hint: 'Check the network from here to Slack; where a proxy is needed, set HTTPS_PROXY.',
      };
  }
}

function describeRefusal(failure: SlackFailure & { readonly kind: 'refused' }): Description {
  const problems = manifestProblems(failure);
  const places = problems.map(({ message, place }) =>
    place === undefined ? message : `${message} (${place})`,
  );
  const word = problems.map(({ code }) => explainError(code ?? '')).find((found) => found !== undefined);
  return {
    code: `slack-${failure.error.replace(/[^a-z0-9]+/gi, '-')}`,
    reason: `Slack answered ${failure.error}${places.length > 0 ? `: ${places.join('; ')}` : ''}`,
    hint:
      (word ?? explainError(failure.error))?.advice ??
      'Look the word up at https://docs.slack.dev/reference/methods under the method, and check the app at https://api.slack.com/apps.',
  };
}
