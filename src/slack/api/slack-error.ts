import { describeFailureAt } from '../../net/connection-failure.ts';
import { UserError } from '../../user-error.ts';
import { explainError } from '../error-words/error-words.ts';
import { manifestProblems } from './app-manifest-api.ts';
import type { SlackFailure } from './web-api.ts';

/**
 * The error for a failed call.
 *
 * @param aim what was attempted, as it follows "could not": `create the app`
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
        reason: `Slack rate limits these calls for ${failure.retryAfterSeconds} s`,
        hint: 'Retry after that time.',
      };
    case 'http':
      return {
        code: 'slack-http-error',
        reason: `${url} returned HTTP status ${failure.status}`,
        hint:
          failure.status >= 500
            ? 'Check https://slack-status.com, and retry later.'
            : 'Check --slack-api-url, and whether a proxy responds instead of Slack.',
      };
    case 'unreadable':
      return {
        code: 'slack-unreadable',
        reason: `the response of ${url} is not Slack's`,
        hint: 'Check --slack-api-url, and whether a proxy or a login page responds instead of Slack.',
      };
    case 'timeout':
      return {
        code: 'slack-timeout',
        reason: `no response from ${url} within ${failure.afterMs / 1000} s`,
        hint: 'Check https://slack-status.com, and whether HTTPS_PROXY must be set here.',
      };
    case 'unreachable':
      return {
        code: 'slack-unreachable',
        reason: describeFailureAt(url, failure.cause),
        hint: 'Check the network from here to Slack; if it requires a proxy, set HTTPS_PROXY.',
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
    reason: `Slack returned ${failure.error}${places.length > 0 ? `: ${places.join('; ')}` : ''}`,
    hint:
      (word ?? explainError(failure.error))?.advice ??
      'Look the error up at https://docs.slack.dev/reference/methods, and check the app at https://api.slack.com/apps.',
  };
}
