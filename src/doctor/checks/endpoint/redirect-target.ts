import { describeFailure } from '../../../net/connection-failure.ts';
import { parseUrl } from '../../../parse-url.ts';
import { type CheckResult, fail, pass, skip, warn } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import type { HttpResponse } from '../../probe/http-request.ts';
import { findGateway, findObstacle, gatewayHint } from '../../probe/obstacle.ts';
import { isRateLimit } from '../../probe/pacing.ts';
import { describeResponse, isPage } from '../../probe/response.ts';
import { oauthPath } from '../../probe/slack-probe.ts';
import type { Subject } from '../../subject.ts';
import { onEachAddress } from '../each-address.ts';
import { failedConnection } from '../failed-connection.ts';
import { judgeRoute, warnOfRateLimit } from '../route.ts';

/** Judges the page that browsers return to, on the host that Slack calls. */
export async function judgeRedirectTarget(
  { target: { domain }, probe }: Subject,
  peer: Peer,
): Promise<CheckResult> {
  const response = await probe.redirectTarget(peer, domain);
  return response.responded ? judgeVisit(response, domain) : failedConnection(response.failure);
}

/** Judges it on Spacelift's own host, which may be private: browsers go there, Slack never does. */
export async function judgeOwnHost(subject: Subject): Promise<CheckResult> {
  const { network, target, probe } = subject;
  const { domain } = target;
  const unseen = (why: string) =>
    skip(`${domain} cannot be reached from here (${why}); it need not be public, only browsers go there`);
  if ((await network.handshakes(domain)).length === 0) return unseen('its name does not resolve');
  const result = await onEachAddress(subject, {
    id: 'oauth.reachable',
    host: domain,
    check: async (peer) => {
      const response = await probe.redirectTarget(peer, domain);
      return response.responded ? judgeVisit(response, domain) : skip(describeFailure(response.failure));
    },
    onFailure: (failure) => skip(describeFailure(failure)),
  });
  if (result.status === 'skip') return unseen(result.detail);
  return result.status === 'fail' ? { ...result, status: 'warn' } : result;
}

function judgeVisit(response: HttpResponse, host: string): CheckResult {
  const described = describeResponse(response);
  if (isRateLimit(response)) return warnOfRateLimit('a visit without a code', response);
  const gateway = findGateway(response);
  if (gateway !== undefined) {
    return fail(`${gateway} responds in the place of Spacelift: ${described}`, gatewayHint('GET', oauthPath));
  }
  const misrouted = judgeRoute(response, 'GET', oauthPath);
  if (misrouted) return misrouted;
  const { status } = response;
  if (response.cutOff || status >= 500) {
    return warn(
      `a visit without a code gets ${described}`,
      'Look at the log of the server; a visit with a code from Slack may still work.',
    );
  }
  if (status >= 300 && status < 400 && leadsElsewhere(response.headers.location, host)) {
    return warn(
      findObstacle(response, host, oauthPath)?.detail ?? described,
      'If this is a login in front of Spacelift, check that it sends the browser back with code and state.',
    );
  }
  return pass(`a visit without a code gets ${isPage(response) ? `${status} and a page` : described}`);
}

function leadsElsewhere(location: string | undefined, host: string): boolean {
  const target = location === undefined ? undefined : parseUrl(location, `https://${host}${oauthPath}`);
  return target !== undefined && target.host !== host;
}
