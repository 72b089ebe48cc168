import { describeFailure } from '../../../net/connection-failure.ts';
import { slackTimeoutMs } from '../../../trigger/verdict.ts';
import { type CheckResult, fail, pass, warn } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import type { HttpResponse, ProbeResult } from '../../probe/http-request.ts';
import { asksForLogin, findObstacle } from '../../probe/obstacle.ts';
import { isRateLimit } from '../../probe/pacing.ts';
import { describeResponse, isAlike, isPage } from '../../probe/response.ts';
import { type ChallengeResult, webhookPath } from '../../probe/slack-probe.ts';
import type { Subject } from '../../subject.ts';
import { failedConnection } from '../failed-connection.ts';
import { describeRateLimit, judgeRoute } from '../route.ts';
import { seconds } from './latency.ts';

/** Judges whether POST requests reach what could be the endpoint for Slack. */
export async function judgeWebhook(subject: Subject, peer: Peer): Promise<CheckResult> {
  const { probe, target, usable } = subject;
  const { signingSecret } = usable;
  const [unsigned, ownAgent, withCertificate, signed] = await Promise.all([
    probe.unsignedForm(peer),
    probe.unsignedFormWith(peer, 'own User-Agent'),
    probe.unsignedFormWith(peer, 'client certificate'),
    signingSecret === undefined ? undefined : probe.freshChallenge(peer, signingSecret),
  ]);
  const result = unsigned.responded
    ? judgeUnsigned(unsigned, target.webhookDomain)
    : failedConnection(unsigned.failure);

  if (signed?.kind !== 'returned') {
    const blocked = await judgeUserAgent(subject, peer, unsigned, ownAgent);
    if (blocked) return blocked;
  }
  if (result.status !== 'pass') {
    return judgeSigned(unsigned, signed) ?? (await judgeOtherPath(subject, peer, unsigned)) ?? result;
  }
  // With Socket Mode a relay calls, which shows no certificate.
  if (subject.socketMode) return result;
  return (await judgeCertificate(subject, peer, unsigned, withCertificate)) ?? result;
}

function judgeUnsigned(response: HttpResponse, host: string): CheckResult {
  const obstacle = findObstacle(response, host, webhookPath);
  if (obstacle !== undefined) {
    return fail(
      obstacle.detail,
      obstacle.hint ??
        `Let POST ${webhookPath} through to Spacelift unchanged: without a login, a redirect or a bot check.`,
    );
  }
  if (isRateLimit(response)) {
    const { detail, hint } = describeRateLimit(response);
    return warn(detail, hint);
  }
  const misrouted = judgeRoute(response, 'POST', webhookPath);
  if (misrouted) return misrouted;
  if (response.status >= 500) {
    return fail(
      `${describeResponse(response)}: the server fails`,
      "Look at the log of Spacelift's server for this time.",
    );
  }
  if (isPage(response)) {
    return warn(
      `a page responds, not an endpoint: ${describeResponse(response)}`,
      'If it is the page of a firewall, exempt the path; set SLACK_SECRET here, so that doctor can test with a signed request.',
    );
  }
  const late = response.durationMs >= slackTimeoutMs ? `, after ${seconds(response.durationMs)}` : '';
  return pass(`an unsigned POST gets ${describeResponse(response)}${late}`);
}

/** An endpoint may hide from unsigned requests: it exists if it responds to a signed challenge. */
function judgeSigned(unsigned: ProbeResult, signed: ChallengeResult | undefined): CheckResult | undefined {
  const rejects = signed?.kind === 'rejected' && signed.response.responded;
  if (!unsigned.responded && (signed?.kind === 'returned' || rejects)) {
    const there = rejects
      ? `a signed challenge gets ${describeResponse(signed.response)}`
      : 'a signed challenge comes back';
    return warn(
      `${there}; an unsigned POST gets none: ${describeFailure(unsigned.failure)}`,
      'Reject such a request with 401 at once, so that it shows in logs and metrics.',
    );
  }
  if (signed?.kind !== 'returned' || !unsigned.responded) return undefined;
  const both = `a signed challenge comes back; an unsigned POST gets ${describeResponse(unsigned)}`;
  return unsigned.status < 500
    ? pass(both)
    : warn(both, 'Look at the log of the server for this time: it fails on some requests.');
}

/** What the response of a path without a route tells about a bad response. */
async function judgeOtherPath(
  { probe, usable }: Subject,
  peer: Peer,
  unsigned: ProbeResult,
): Promise<CheckResult | undefined> {
  if (unsigned.responded) {
    const isContent = unsigned.status >= 200 && unsigned.status < 300 && isPage(unsigned);
    if (!isContent || asksForLogin(unsigned) || !isAlike(unsigned, await probe.unroutedForm(peer)))
      return undefined;
    return fail(
      `the catch-all page of a front end responds: every path gets ${describeResponse(unsigned)}`,
      `Route POST ${webhookPath} to Spacelift's server, ahead of the rule that catches all paths.`,
    );
  }
  if (unsigned.failure.kind !== 'timed-out' || unsigned.failure.stage !== 'response') return undefined;
  const other = await probe.unroutedForm(peer);
  if (!other.responded) return undefined;
  return fail(
    `${describeFailure(unsigned.failure)}, but another path gets ${describeResponse(other)}: the endpoint never responds to a signature that it does not accept, or it hangs`,
    usable.signingSecret === undefined
      ? 'Set SLACK_SECRET here, so that doctor can test with a signed request.'
      : 'Compare SLACK_SECRET here with that of the server, since old frameworks do not respond to a wrong signature; then look at the log of the server.',
  );
}

/** Firewalls that block "bot" block Slack. */
async function judgeUserAgent(
  { probe }: Subject,
  peer: Peer,
  asSlack: ProbeResult,
  asDoctor: ProbeResult,
): Promise<CheckResult | undefined> {
  if (!asDoctor.responded || isRateLimit(asDoctor) || isRateLimit(asSlack)) return undefined;
  if (!looksBlocked(asSlack) || isPage(asDoctor) || asDoctor.status >= 500) return undefined;
  if (hasSameEnd(asSlack, asDoctor)) return undefined;
  // Of several servers behind a load balancer, one may be at fault: the difference has to last.
  if (!hasSameEnd(await probe.form(peer, 'unsigned'), asSlack)) return undefined;
  const end = asSlack.responded
    ? describeResponse(asSlack)
    : `no response (${describeFailure(asSlack.failure)})`;
  return fail(
    `a POST with Slack's User-Agent gets ${end}, with another one ${describeResponse(asDoctor)}: a firewall blocks "Slackbot"`,
    `Exempt ${webhookPath} from the rules that block bots.`,
  );
}

function looksBlocked(response: ProbeResult): boolean {
  return !response.responded || isPage(response) || ![200, 400, 401].includes(response.status);
}

/** Where a server asks for a client certificate, Slack shows one, and may be rejected for it. */
async function judgeCertificate(
  { probe }: Subject,
  peer: Peer,
  without: ProbeResult,
  withOne: ProbeResult,
): Promise<CheckResult | undefined> {
  if (isRateLimit(withOne) || hasSameEnd(without, withOne)) return undefined;
  const again = await probe.unsignedFormWith(peer, 'client certificate');
  if (!hasSameEnd(again, withOne)) return undefined;
  const end = withOne.responded
    ? describeResponse(withOne)
    : `no response (${describeFailure(withOne.failure)})`;
  return warn(
    `the server asks for a client certificate, and one that it does not know gets ${end}: Slack presents its own certificate to every server that asks`,
    `Do not ask for client certificates on ${webhookPath}, or trust the authority of Slack's.`,
  );
}

function hasSameEnd(one: ProbeResult, other: ProbeResult): boolean {
  if (!one.responded || !other.responded) return one.responded === other.responded;
  return one.status === other.status && isPage(one) === isPage(other);
}
