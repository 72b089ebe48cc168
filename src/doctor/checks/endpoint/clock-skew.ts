import { maxSkewSeconds } from '../../../slack/signature.ts';
import { type CheckResult, fail, pass, skip, warn } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import type { Subject } from '../../subject.ts';

/** What is worth a warning: far from the limit, but no synchronised clock is that far off. */
const noticeableSeconds = 60;

const hint =
  'Synchronise the clock of the servers (and of this machine) with NTP: a signature is valid for five minutes either way.';

/**
 * Compares the clock of the verifier with ours: by the `Date` header, and if a signature is rejected, by whether it is
 * accepted with another time. A proxy writes `Date` by its own clock, so an accepted signature counts for more.
 */
export async function judgeClock(
  { probe, usable: { signingSecret }, rejectionCause }: Subject,
  peer: Peer,
): Promise<CheckResult> {
  const unsigned = await probe.unsignedForm(peer);
  const fresh = signingSecret === undefined ? undefined : await probe.freshChallenge(peer, signingSecret);
  const dated = unsigned.responded ? unsigned : fresh?.response;
  const skew = dated?.responded ? dated.clockSkewSeconds : undefined;

  if (skew !== undefined && Math.abs(skew) > maxSkewSeconds && fresh && fresh.kind !== 'returned') {
    return fail(`the server's clock is ${describe(skew)} this machine's`, hint);
  }
  if (signingSecret !== undefined && fresh?.kind === 'rejected') {
    const cause = await rejectionCause(peer, signingSecret);
    if (cause.kind === 'clock') return verifierOff(cause.offsetSeconds);
  }
  if (skew === undefined) return skip('the response has no Date header to compare with');
  if (Math.abs(skew) > noticeableSeconds)
    return warn(`the server's clock is ${describe(skew)} this machine's`, hint);
  return pass(
    skew === 0
      ? "the server's clock agrees with this machine's"
      : `the server's clock is ${describe(skew)} this machine's`,
  );
}

/** For a verifier that accepts a signature only with a time that lies so many seconds from ours. */
export function verifierOff(offsetSeconds: number): CheckResult {
  const accepted = `the server's clock is about ${describe(offsetSeconds)} this machine's: only a request of that time is accepted`;
  if (offsetSeconds % 3600 !== 0) return fail(accepted, hint);
  return fail(
    `${accepted}, although the Date header is right: the verifier mistakes its local time for UTC`,
    'Set the time zone of the server that verifies to UTC, or fix its clock, and restart it.',
  );
}

function describe(skewSeconds: number): string {
  const size = Math.abs(skewSeconds);
  const minutes = Math.round(size / 60);
  const hours = minutes / 60;
  const amount =
    size < 120
      ? `${size} s`
      : Number.isInteger(hours)
        ? `${hours} ${hours === 1 ? 'hour' : 'hours'}`
        : `${minutes} minutes`;
  return `${amount} ${skewSeconds > 0 ? 'ahead of' : 'behind'}`;
}
