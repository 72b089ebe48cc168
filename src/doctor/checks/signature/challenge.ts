import { describeFailure } from '../../../net/connection-failure.ts';
import { htmlChallengeRemark } from '../../../trigger/verdict.ts';
import { type CheckResult, fail, pass, skip, warn } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import type { HttpResponse } from '../../probe/http-request.ts';
import { findObstacle } from '../../probe/obstacle.ts';
import { isRateLimit } from '../../probe/pacing.ts';
import type { RejectionCause } from '../../probe/rejection-cause.ts';
import { describeResponse, isPage } from '../../probe/response.ts';
import { webhookPath } from '../../probe/slack-probe.ts';
import type { Subject } from '../../subject.ts';
import { verifierOff } from '../endpoint/clock-skew.ts';
import { warnOfRateLimit } from '../route.ts';

const unchangedHint = `Have the proxy or gateway forward POST ${webhookPath} unchanged`;

/** Judges the challenge that is signed as Slack signs it. */
export async function judgeChallenge(subject: Subject, peer: Peer, secret: string): Promise<CheckResult> {
  const { kind, response } = await subject.probe.freshChallenge(peer, secret);
  if (!response.responded) {
    return fail(describeFailure(response.failure), 'Look at the log of the server for this time.');
  }
  if (kind === 'returned') {
    const remark = htmlChallengeRemark(response.headers['content-type'] ?? '');
    return remark === undefined
      ? pass('the challenge came back')
      : warn(`the challenge came back ${remark.detail}`, remark.hint);
  }
  if (isRateLimit(response)) {
    return warnOfRateLimit('a signed challenge', response);
  }
  if (kind === 'rejected') {
    return judgeRejection(subject, response, await subject.rejectionCause(peer, secret));
  }
  const obstacle = findObstacle(response, subject.target.webhookDomain, webhookPath);
  if (obstacle !== undefined) {
    return fail(
      obstacle.detail,
      obstacle.hint ?? 'Let JSON requests through to Spacelift unchanged, like forms.',
    );
  }
  return fail(
    response.status === 200
      ? 'the response is 200, but its body is not the challenge'
      : `a correctly signed challenge gets ${describeResponse(response)}`,
    `Return 200 and the value of "challenge" from ${webhookPath}, as Slack requires; look at the log of the server for this time.`,
  );
}

function judgeRejection(
  { shadowed, runs }: Subject,
  response: HttpResponse,
  cause: RejectionCause,
): CheckResult {
  const rejected = `a correctly signed challenge is rejected with ${describeResponse(response)}`;
  switch (cause.kind) {
    case 'clock':
      return runs.has('clock.skew')
        ? skip('not known: the clock of the deployment is wrong; see clock.skew')
        : verifierOff(cause.offsetSeconds);
    case 'json-rewritten':
      return fail(
        `a correctly signed challenge is rejected with ${describeResponse(response)} if its JSON has escapes and blanks as events have, and accepted if not: something on the way parses the body and writes it again`,
        `${unchangedHint}, byte for byte: the signature covers the bytes, and every event would fail.`,
      );
    case 'body-dropped':
      return fail(
        `${rejected}, and a signature over an empty body is not: the body does not reach the verifier`,
        `${unchangedHint}, with its body.`,
      );
    case 'headers-dropped':
      return fail(
        `${rejected}, and the response reports missing headers: something on the way drops X-Slack-Signature or X-Slack-Request-Timestamp`,
        `${unchangedHint}, with these two headers (in CloudFront: add them to the origin request policy).`,
      );
    case 'secret':
      return fail(`rejected with ${response.status}: ${cause.detail}`, cause.hint);
    case 'every-path':
      return fail(
        `${rejected}, and a path that does not exist gets the same response: a gateway or firewall in front responds, or SLACK_SECRET here is not what the deployment verifies with on every path`,
        `${unchangedHint}; if nothing is in front, compare SLACK_SECRET here with that of the server.`,
      );
    case 'unknown':
      return judgeUnknown(rejected, response, cause.unsigned, shadowed.signingSecret);
  }
}

function judgeUnknown(
  rejected: string,
  response: HttpResponse,
  unsigned: 'alike' | 'different',
  shadowed: string | undefined,
): CheckResult {
  if (isPage(response)) {
    return fail(
      `${rejected}: probably a firewall or proxy in front`,
      "Let signed requests through to Spacelift unchanged; if the page is Spacelift's own, compare SLACK_SECRET here with that of the server.",
    );
  }
  const others = [
    ...(response.status === 400 ? ['it does not understand the challenge'] : []),
    // Headers that were dropped would make it look like an unsigned request.
    ...(unsigned === 'alike' ? ['a proxy drops the X-Slack-* headers or changes the body'] : []),
  ];
  const elsewhere = shadowed === undefined ? '' : ` (${shadowed} holds a different value)`;
  return fail(
    `${rejected}: SLACK_SECRET here is not what the deployment verifies with${elsewhere}${others.length > 0 ? `; less likely, ${others.join(', or ')}` : ''}`,
    'Compare both with the Signing Secret under Basic Information (not the Client Secret), and restart server, drain and scheduler after a change.',
  );
}
