import { describeFailure } from '../../net/connection-failure.ts';
import { slackPatience } from '../../trigger/verdict.ts';
import { type Check, type Finding, fail, pass, skip, warn } from '../check.ts';
import { onEachAddress } from '../probe/each-address.ts';
import type { Answer, Exchange } from '../probe/exchange.ts';
import { describeAnswer, findObstacle, isPage, wantsCertificate } from '../probe/page.ts';
import { oauthPath, webhookPath } from '../probe/slack-probe.ts';
import type { Subject } from '../subject.ts';
import { judgeClock } from './clock-skew.ts';
import { mutualTlsHint, noAnswer } from './no-answer.ts';

const endpoint = { network: true, looksAfter: ['dns.resolves', 'dns.public'] } as const;

const comfortableMs = 2_000;

const reachable: Check = {
  ...endpoint,
  id: 'webhook.reachable',
  connectionReportRank: 3,
  needs: ['dns.resolves', 'dns.public', 'tls.trusted', 'tls.hostname', 'tls.expiry', 'tls.version'],
  run: ({ network, target: { webhookDomain }, probe, credentials: { signingSecret } }) =>
    onEachAddress(network, webhookDomain, async ({ place, handshake }) => {
      if (!handshake.connected) return noAnswer(handshake.failure);
      const answer = await probe.unsignedForm(place);
      const finding = answer.answered ? judgeWebhook(answer, webhookDomain) : noAnswer(answer.failure);
      // An endpoint may hide from whoever cannot sign; it is there all the same.
      const mayHide = finding.status === 'fail' || (answer.answered && isPage(answer));
      if (!mayHide || signingSecret === undefined) return finding;
      const { kind } = await probe.freshChallenge(place, signingSecret);
      if (kind !== 'returned') return finding;
      const there = 'a signed challenge comes back; an unsigned POST is';
      if (!answer.answered) {
        return warn(
          `${there} not answered: ${describeFailure(answer.failure)}`,
          'Refuse such a request with 401 at once, so that it shows in logs and metrics.',
        );
      }
      const both = `${there} answered with ${describeAnswer(answer)}`;
      return answer.status < 500
        ? pass(both)
        : warn(both, 'Look at the log of the server for this time: it fails on some requests.');
    }),
};

const latency: Check = {
  ...endpoint,
  id: 'webhook.latency',
  needs: ['webhook.reachable'],
  run: ({ network, target, probe, credentials: { signingSecret } }) =>
    onEachAddress(network, target.webhookDomain, async ({ place }) => {
      const [first, again] =
        signingSecret === undefined
          ? [await probe.unsignedForm(place), () => probe.form(place, 'unsigned')]
          : [
              (await probe.freshChallenge(place, signingSecret)).exchange,
              // Of the same kind: what is refused at once says nothing about what is accepted.
              async () =>
                (await probe.challenge(place, { secret: signingSecret, offsetSeconds: 0 })).exchange,
            ];
      // Others were under way beside it, and it may have woken something up: a late answer gets a second chance.
      const late = first.answered && first.durationMs >= comfortableMs;
      return judgeLatency(first, late ? await again() : first);
    }),
};

const clock: Check = {
  ...endpoint,
  id: 'clock.skew',
  needs: ['webhook.reachable'],
  run: (subject) =>
    onEachAddress(subject.network, subject.target.webhookDomain, ({ place }) => judgeClock(subject, place)),
};

/** @param ownHost true where people's browsers come back to another host than the one that Slack calls */
const oauth = (ownHost: boolean): Check => ({
  ...endpoint,
  id: 'oauth.reachable',
  ...(ownHost ? { looksAfter: [], needs: ['domain.valid'] } : { needs: ['webhook.reachable'] }),
  run: ownHost ? lookAtOwnHost : lookAtRedirectTarget,
});

export const endpointChecks = (ownHost: boolean): readonly Check[] => [
  reachable,
  latency,
  oauth(ownHost),
  clock,
];

function judgeWebhook(answer: Answer, host: string): Finding {
  const obstacle = findObstacle(answer, host, webhookPath);
  if (obstacle !== undefined) {
    return fail(
      obstacle,
      wantsCertificate(answer)
        ? mutualTlsHint
        : `Let POST ${webhookPath} through to Spacelift as it is: without a login, a redirect or a bot check.`,
    );
  }
  const misled = judgeRoute(answer, 'POST', webhookPath);
  if (misled) return misled;
  const { status } = answer;
  if (status >= 500) {
    return fail(
      `${describeAnswer(answer)}: the server fails`,
      'Look at the log of Spacelift’s server for this time.',
    );
  }
  if (status === 429) {
    return warn(
      `${describeAnswer(answer)}: a rate limit answers`,
      'Exempt the path: Slack’s requests come from few addresses.',
    );
  }
  if (isPage(answer)) {
    return warn(
      `a page answers, not an endpoint: ${describeAnswer(answer)}`,
      'Where it is a firewall’s, exempt the path; set SLACK_SECRET here, so that a signed request can tell.',
    );
  }
  const late = answer.durationMs >= slackPatience ? `, after ${seconds(answer.durationMs)}` : '';
  return pass(`an unsigned POST is answered with ${describeAnswer(answer)}${late}`);
}

/** What an answer says of the way to a path, the same for both that are looked at; undefined where it came through. */
function judgeRoute(answer: Answer, method: 'GET' | 'POST', path: string): Finding | undefined {
  const { status } = answer;
  if (status === 404 || status === 410) {
    return fail(
      `${describeAnswer(answer)}: not enabled, not restarted, or the wrong path`,
      `Set the three variables for server, drain and scheduler, restart them, and check that ${path} is routed to the server (paths are case-sensitive).`,
    );
  }
  if (status === 405) {
    return fail(
      `${describeAnswer(answer)}: ${method} is not allowed on ${path}`,
      `Let the load balancer, proxy or firewall pass ${method} requests on this path.`,
    );
  }
  if (status < 200 || status === 304) {
    return fail(
      `${describeAnswer(answer)}: no answer to a ${method}`,
      'Look at the proxy or cache in front: it takes the request for another kind.',
    );
  }
  if (status === 421) {
    return fail(
      `${describeAnswer(answer)}: what answers does not serve this host`,
      'Configure the host on the load balancer or proxy that the name leads to.',
    );
  }
  if (status >= 502 && status <= 504) {
    return fail(
      `${describeAnswer(answer)}: the load balancer or proxy reaches no server`,
      'Check that Spacelift’s server runs, and that its health check passes.',
    );
  }
  return undefined;
}

function judgeLatency(first: Exchange, second: Exchange): Finding {
  if (!first.answered) return noAnswer(first.failure);
  if (!second.answered) return noAnswer(second.failure);
  const took = seconds(Math.min(first.durationMs, second.durationMs));
  const hint =
    'Look at what takes the time: a cold start, a far database, or a proxy that waits; Slack gives up after 3 s.';
  if (first.durationMs >= slackPatience && second.durationMs >= slackPatience) {
    return fail(`answered after ${took}, where Slack waits 3 s`, hint);
  }
  if (first.durationMs >= slackPatience) {
    return warn(
      `answered after ${seconds(first.durationMs)} at first, then after ${took}`,
      'Keep the server warm: Slack waits 3 s, also for the first request after a pause.',
    );
  }
  if (first.durationMs >= comfortableMs && second.durationMs >= comfortableMs) {
    return warn(`answered after ${took}, close to Slack’s 3 s`, hint);
  }
  return pass(`answered after ${took}`);
}

function lookAtRedirectTarget({ network, target: { domain }, probe }: Subject): Promise<Finding> {
  return onEachAddress(network, domain, async ({ place }) => {
    const answer = await probe.redirectTarget(place, domain);
    return answer.answered ? judgeOauth(answer, domain) : noAnswer(answer.failure);
  });
}

/** Spacelift's own host may be private: the person's browser goes there, Slack never does. */
async function lookAtOwnHost({ network, target: { domain }, probe }: Subject): Promise<Finding> {
  const unseen = (why: string) =>
    skip(
      `${domain} cannot be seen from here (${why}); it need not be public, only people’s browsers go there`,
    );
  if ((await network.visit(domain)).length === 0) return unseen('its name does not resolve');
  const finding = await onEachAddress(network, domain, async ({ place }) => {
    const answer = await probe.redirectTarget(place, domain);
    return answer.answered ? judgeOauth(answer, domain) : skip(describeFailure(answer.failure));
  });
  if (finding.status === 'skip') return unseen(finding.detail);
  return finding.status === 'fail' ? { ...finding, status: 'warn' } : finding;
}

function judgeOauth(answer: Answer, host: string): Finding {
  const misled = judgeRoute(answer, 'GET', oauthPath);
  if (misled) return misled;
  const { status } = answer;
  if (answer.cutOff || status >= 500) {
    return warn(
      `a visit without a code is answered with ${describeAnswer(answer)}`,
      'Look at the log of the server; a visit with a code from Slack may still work.',
    );
  }
  const elsewhere = status >= 300 && status < 400 && leadsElsewhere(answer.headers.location, host);
  if (elsewhere) {
    return warn(
      findObstacle(answer, host, oauthPath) ?? describeAnswer(answer),
      'If this is a login in front of Spacelift, check that it brings the browser back with code and state unharmed.',
    );
  }
  return pass(
    `a visit without a code is answered with ${isPage(answer) ? `${status} and a page` : describeAnswer(answer)}`,
  );
}

function leadsElsewhere(location: string | undefined, host: string): boolean {
  const base = `https://${host}${oauthPath}`;
  return location !== undefined && URL.canParse(location, base) && new URL(location, base).host !== host;
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
