import { maxSkewSeconds } from '../../slack/signature.ts';
import { type Finding, fail, pass, skip, warn } from '../check.ts';
import type { Place } from '../probe/handshake.ts';
import type { Subject } from '../subject.ts';

/** What is worth a word: far from the limit, but no clock that is kept right is that far off. */
const noticeableSeconds = 60;
/** Beyond what a verifier accepts, and near enough to be accepted by one whose clock is ten minutes off. */
const probeOffsets = [-600, 600];

const hint =
  'Set the clock of the servers by NTP (and that of this machine): a signature is valid for five minutes either way.';

/**
 * Compares the clock of what verifies with ours: by its `Date` header, and where a signature is refused, by whether
 * it is taken when it carries another time. A proxy writes `Date` by its own clock, so a signature that is accepted
 * counts for more.
 */
export async function judgeClock(
  { probe, credentials: { signingSecret } }: Pick<Subject, 'probe' | 'credentials'>,
  place: Place,
): Promise<Finding> {
  const unsigned = await probe.unsignedForm(place);
  const fresh = signingSecret === undefined ? undefined : await probe.freshChallenge(place, signingSecret);
  const dated = unsigned.answered ? unsigned : fresh?.exchange;
  const skew = dated?.answered ? dated.clockSkewSeconds : undefined;

  if (skew !== undefined && Math.abs(skew) > maxSkewSeconds && fresh && fresh.kind !== 'returned') {
    return fail(`the clock there is ${describe(skew)} ours`, hint);
  }
  if (signingSecret !== undefined && fresh?.kind === 'refused') {
    const outcomes = await Promise.all(
      probeOffsets.map(async (offsetSeconds) => ({
        offsetSeconds,
        outcome: await probe.challenge(place, { secret: signingSecret, offsetSeconds }),
      })),
    );
    const accepted = outcomes.find(({ outcome }) => outcome.kind === 'returned');
    if (accepted) {
      return fail(
        `the clock there is about ${describe(accepted.offsetSeconds)} ours: only a request of that time is accepted`,
        hint,
      );
    }
  }
  if (skew === undefined) return skip('the answer has no Date header to compare with');
  if (Math.abs(skew) > noticeableSeconds) return warn(`the clock there is ${describe(skew)} ours`, hint);
  return pass(skew === 0 ? 'the clock there agrees with ours' : `the clock there is ${describe(skew)} ours`);
}

function describe(skewSeconds: number): string {
  const size = Math.abs(skewSeconds);
  const amount = size < 120 ? `${size} s` : `${Math.round(size / 60)} minutes`;
  return `${amount} ${skewSeconds > 0 ? 'ahead of' : 'behind'}`;
}
