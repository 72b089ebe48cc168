import { slackTimeoutMs } from '../../../trigger/verdict.ts';
import { type CheckResult, fail, pass, warn } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import type { ProbeResult } from '../../probe/http-request.ts';
import { isRateLimit } from '../../probe/pacing.ts';
import type { Subject } from '../../subject.ts';
import { failedConnection } from '../failed-connection.ts';
import { warnOfRateLimit } from '../route.ts';

const comfortableMs = 2_000;

/** Judges how long a signed challenge takes, or without a signing secret an unsigned form. */
export async function judgeLatency(
  { probe, usable: { signingSecret } }: Subject,
  peer: Peer,
): Promise<CheckResult> {
  const [first, again] =
    signingSecret === undefined
      ? [await probe.unsignedForm(peer), () => probe.form(peer, 'unsigned', 'alone')]
      : [
          (await probe.freshChallenge(peer, signingSecret)).response,
          // Of the same kind: what is rejected at once says nothing about what is accepted.
          async () =>
            (await probe.challenge(peer, { secret: signingSecret, offsetSeconds: 0 }, { turn: 'alone' }))
              .response,
        ];
  // Others were under way beside it, and it may have woken the server up: a late response gets a second attempt, alone.
  const late = first.responded && first.durationMs >= comfortableMs;
  return judgeDurations(first, late ? await again() : first);
}

function judgeDurations(first: ProbeResult, second: ProbeResult): CheckResult {
  if (!first.responded) return failedConnection(first.failure);
  if (!second.responded) return failedConnection(second.failure);
  const limited = [first, second].find(isRateLimit);
  if (limited) return warnOfRateLimit('the request', limited);
  const took = seconds(Math.min(first.durationMs, second.durationMs));
  const hint =
    'Find out what takes the time: a cold start, a distant database, or a proxy that waits; Slack gives up after 3 s.';
  if (first.durationMs >= slackTimeoutMs && second.durationMs >= slackTimeoutMs) {
    return fail(`the response took ${took}, and Slack waits 3 s`, hint);
  }
  if (first.durationMs >= slackTimeoutMs) {
    return warn(
      `the first response took ${seconds(first.durationMs)}, the next one ${took}`,
      'Keep the server warm: Slack waits 3 s, also for the first request after a pause.',
    );
  }
  if (second.durationMs >= comfortableMs) {
    return warn(`the response took ${took}, close to Slack's 3 s`, hint);
  }
  return pass(`the response took ${took}`);
}

/** A duration for people. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
