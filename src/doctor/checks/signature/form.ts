import { describeFailure } from '../../../net/connection-failure.ts';
import { slackTimeoutMs } from '../../../trigger/verdict.ts';
import { type CheckResult, fail, pass, warn } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import type { HttpResponse, ProbeResult } from '../../probe/http-request.ts';
import { findObstacle } from '../../probe/obstacle.ts';
import { isRateLimit } from '../../probe/pacing.ts';
import { describeResponse, isPage } from '../../probe/response.ts';
import { isRejection, webhookPath } from '../../probe/slack-probe.ts';
import type { Subject } from '../../subject.ts';
import { isNoServer, warnOfRateLimit } from '../route.ts';

const letThrough = 'Let forms through to Spacelift unchanged, like JSON: commands and buttons come as forms.';

/** Judges whether forms reach the verifier byte for byte, and are verified. */
export async function judgeForm(subject: Subject, peer: Peer, secret: string): Promise<CheckResult> {
  const { probe, target } = subject;
  const [right, wrong, unsigned, { response: challenge }] = await Promise.all([
    probe.form(peer, { secret, offsetSeconds: 0 }),
    probe.forgedForm(peer),
    probe.unsignedForm(peer),
    probe.freshChallenge(peer, secret),
  ]);
  if (right.responded) {
    const unaccepted = judgeRight(right, wrong, target.webhookDomain);
    if (unaccepted) return unaccepted;
  }
  // One kind alone may be late for a reason: frameworks wait for a handler, firewalls delay what is not signed.
  if (!isLate(challenge) && [right, wrong, unsigned].every(isLate)) {
    return fail(
      'no form gets a response within 3 s, signed correctly or not, although JSON does',
      'Find out what handles forms on the way, and look at the log of the server: commands and buttons come as forms.',
    );
  }
  return judgeWrong(right, wrong);
}

function judgeRight(right: HttpResponse, wrong: ProbeResult, host: string): CheckResult | undefined {
  const described = describeResponse(right);
  const obstacle = findObstacle(right, host, webhookPath);
  if (obstacle !== undefined) {
    return fail(
      `a signed form does not arrive, although JSON does: ${obstacle.detail}`,
      obstacle.hint ?? letThrough,
    );
  }
  if (isRateLimit(right)) {
    return warnOfRateLimit('a signed form', right);
  }
  if (isRejection(right)) {
    return isPage(right)
      ? fail(
          `a correctly signed form is rejected with ${described}, although JSON passes: probably a firewall or proxy in front`,
          letThrough,
        )
      : fail(
          `a correctly signed form is rejected with ${right.status}, although JSON passes: its body is changed on the way, or a relay forwards it to a Spacelift with another secret`,
          "Have the proxy or framework forward the form byte for byte, before any parser; behind a relay, compare its SLACK_SECRET with Spacelift's. Commands and buttons come as forms, and all fail.",
        );
  }
  if (isAccepted(wrong)) return undefined;
  const behind = judgeServerBehind(right);
  if (behind) return behind;
  // 404 is also what frameworks respond to a form with nothing in it.
  if (
    [405, 413, 415].includes(right.status) ||
    ([404, 410].includes(right.status) && !isRejection(wrong) && !isRateLimit(wrong))
  ) {
    return fail(
      `forms are not accepted: ${described}`,
      'Let application/x-www-form-urlencoded through: commands and buttons come in it.',
    );
  }
  return undefined;
}

/**
 * Fails for a status that only something in front of a server sends. What responds to challenges by itself, as a relay
 * does, hides from all other checks that nothing is behind it.
 */
function judgeServerBehind(right: HttpResponse): CheckResult | undefined {
  const { status, body } = right;
  const described = describeResponse(right);
  if (status === 503 && /"error":\s*"upstream_unavailable"/.test(body)) {
    return fail(
      `the relay accepts a signed form, but Spacelift behind it gives no usable response: ${described}`,
      "Start Spacelift, or correct the relay's --upstream: the relay's log and status page name the reason.",
    );
  }
  if (status === 508) {
    return fail(
      `a signed form comes back to the relay that forwards it: ${described}`,
      "Set the relay's --upstream to Spacelift's own address: it leads back to the relay.",
    );
  }
  if (isNoServer(status)) {
    return fail(
      `a signed form reaches no server, although JSON passes: ${described}`,
      'Start Spacelift behind the proxy or relay that responds, and check that its health check passes: commands and buttons come as forms.',
    );
  }
  return undefined;
}

function judgeWrong(right: ProbeResult, wrong: ProbeResult): CheckResult {
  if (wrong.responded && isAccepted(wrong)) {
    return fail(
      `a form that is signed with a random secret is accepted with ${describeResponse(wrong)}`,
      'Verify the signature of forms too: anyone who knows the URL can send commands.',
    );
  }
  if (isRateLimit(wrong)) {
    return warnOfRateLimit('a forged form', wrong);
  }
  const end = (response: ProbeResult) =>
    response.responded ? describeResponse(response) : `no response (${describeFailure(response.failure)})`;
  const ends = `a signed form gets ${end(right)}, a forged one ${end(wrong)}`;
  const different =
    isRejection(wrong) || (right.responded && wrong.responded && right.status !== wrong.status);
  if (right.responded && right.status >= 500) {
    return warn(
      `${ends}: the server behind fails, or fails on this form alone, which is of no workspace`,
      "Try a command in Slack. If it fails too, look at the log of Spacelift's server for this time.",
    );
  }
  if (different && right.responded) return pass(ends);
  return warn(
    different ? ends : `${ends}: nothing shows that forms are verified`,
    'Try a command in Slack, and look at the log of the server; behind a relay, check whether Spacelift responds.',
  );
}

/** True if Slack would have given up. */
function isLate(response: ProbeResult): boolean {
  return !response.responded || response.durationMs >= slackTimeoutMs;
}

function isAccepted(response: ProbeResult): boolean {
  return response.responded && response.status >= 200 && response.status < 300;
}
