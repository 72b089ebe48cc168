import { describeFailure } from '../../../net/connection-failure.ts';
import { type Check, type CheckResult, fail, pass, skip, warn } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import { isRateLimit } from '../../probe/pacing.ts';
import { describeResponse } from '../../probe/response.ts';
import type { ChallengeResult } from '../../probe/slack-probe.ts';
import type { Subject } from '../../subject.ts';
import { onWebhookHost } from '../on-webhook-host.ts';
import { warnOfRateLimit } from '../route.ts';
import { unusable } from '../unusable.ts';
import { judgeChallenge } from './challenge.ts';
import { judgeForm } from './form.ts';

/** Twice what Slack's documentation allows. */
const staleSeconds = 600;

export const signatureChecks: readonly Check[] = [
  {
    ...onWebhookHost('signature.challenge', withSecret(judgeChallenge, 'reports')),
    needs: ['env.signing-secret', 'webhook.reachable', 'clock.skew'],
  },
  {
    ...onWebhookHost('signature.form', withSecret(judgeForm)),
    needs: ['signature.challenge'],
  },
  onWebhookHost('signature.rejects-forged', async ({ probe }, peer) =>
    judgeRejection(await probe.forgedChallenge(peer), 'signed with a random secret'),
  ),
  onWebhookHost('signature.rejects-unsigned', async ({ probe }, peer) =>
    judgeRejection(await probe.unsignedChallenge(peer), 'without a signature'),
  ),
  {
    ...onWebhookHost('signature.rejects-stale', withSecret(judgeStale)),
    needs: ['signature.challenge'],
  },
];

/** @param reports for the check that reports a bad secret if env.mix-up is not part of the run */
function withSecret(
  judge: (subject: Subject, peer: Peer, secret: string) => Promise<CheckResult>,
  reports?: 'reports',
): (subject: Subject, peer: Peer) => Promise<CheckResult> {
  return async (subject, peer) => {
    const { signingSecret } = subject.usable;
    if (signingSecret !== undefined) return judge(subject, peer, signingSecret);
    return (
      unusable(subject, 'signingSecret', reports) ??
      skip(
        'no signing secret is set here to sign with',
        'Set SLACK_SECRET, or name the file that holds it with --env-file.',
      )
    );
  };
}

function judgeRejection({ kind, response }: ChallengeResult, what: string): CheckResult {
  if (kind === 'returned') {
    return fail(
      `a challenge ${what} comes back as if it were Slack's`,
      'Verify the signature of every request before anything else: anyone who knows the URL can pose as Slack.',
    );
  }
  if (!response.responded) {
    return warn(
      `a challenge ${what}: ${describeFailure(response.failure)}`,
      'Reject such a request with 401 at once.',
    );
  }
  if (isRateLimit(response)) return warnOfRateLimit(`a challenge ${what}`, response);
  const seen = `a challenge ${what} gets ${describeResponse(response)}`;
  if (response.status >= 400 && response.status < 500) return pass(seen);
  return warn(seen, 'Reject such a request with 401, so that it shows in logs and metrics.');
}

async function judgeStale({ probe }: Subject, peer: Peer, secret: string): Promise<CheckResult> {
  const [old, early] = await Promise.all([
    probe.challenge(peer, { secret, offsetSeconds: -staleSeconds }),
    probe.challenge(peer, { secret, offsetSeconds: staleSeconds }),
  ]);
  const minutes = staleSeconds / 60;
  const result = judgeRejection(old, `that is ${minutes} minutes old`);
  if (result.status === 'fail') {
    return fail(
      `a request that is ${minutes} minutes old is accepted`,
      'Reject a timestamp that is more than five minutes off: else a recorded request can be replayed.',
    );
  }
  if (result.status === 'pass' && early.kind === 'returned') {
    return warn(
      `a request from ${minutes} minutes ahead is accepted; an old one is rejected`,
      'Reject timestamps that lie more than five minutes ahead too; some frameworks, among them Bolt, do not.',
    );
  }
  return result;
}
