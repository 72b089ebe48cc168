import { slackPatience } from '../slack/verdict.ts';
import { type Check, type Finding, fail, pass, skip, warn } from './check.ts';
import { judgeClock } from './clock-skew.ts';
import { type ConnectionFailure, describeFailure, type Stage } from './connection-failure.ts';
import { onEachAddress } from './each-address.ts';
import type { Answer, Exchange } from './exchange.ts';
import { describeAnswer, findObstacle, isPage } from './page.ts';
import { oauthPath, webhookPath } from './slack-probe.ts';
import type { Subject } from './subject.ts';

const endpoint = { group: 'endpoint', network: true, looksAfter: ['dns.resolves', 'dns.public'] } as const;

const comfortableMs = 2_000;

const reachable: Check = {
  ...endpoint,
  id: 'webhook.reachable',
  title: `POST ${webhookPath} is answered by the Slack endpoint`,
  needs: ['dns.resolves', 'dns.public', 'tls.trusted', 'tls.hostname', 'tls.expiry', 'tls.version'],
  run: ({ network, target: { webhookDomain }, probe, credentials: { signingSecret } }) =>
    onEachAddress(network, webhookDomain, async ({ place, handshake }) => {
      if (!handshake.connected) return noAnswer(handshake.failure);
      const answer = await probe.unsignedForm(place);
      const finding = answer.answered ? judgeWebhook(answer, webhookDomain) : noAnswer(answer.failure);
      if (finding.status !== 'fail' || signingSecret === undefined) return finding;
      // An endpoint may hide from whoever cannot sign; it is there all the same.
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
  title: 'the answer comes within the three seconds that Slack waits',
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
  title: 'the clock there is right enough to verify signatures',
  needs: ['webhook.reachable'],
  run: (subject) =>
    onEachAddress(subject.network, subject.target.webhookDomain, ({ place }) => judgeClock(subject, place)),
};

/** @param ownHost true where people's browsers come back to another host than the one that Slack calls */
const oauth = (ownHost: boolean): Check => ({
  ...endpoint,
  id: 'oauth.reachable',
  title: `GET ${oauthPath} is answered`,
  ...(ownHost ? { looksAfter: [], needs: ['domain.valid'] } : { needs: ['webhook.reachable'] }),
  run: ownHost ? lookAtOwnHost : lookAtRedirectTarget,
});

export const endpointChecks = (ownHost: boolean): readonly Check[] => [
  reachable,
  latency,
  oauth(ownHost),
  clock,
];

function noAnswer(failure: ConnectionFailure): Finding {
  const hints: Readonly<Partial<Record<ConnectionFailure['kind'], string | undefined>>> = {
    refused:
      'Check that the load balancer listens on 443, and that the security group or firewall lets Slack in.',
    'timed-out': failure.kind === 'timed-out' ? lateHints[failure.stage] : undefined,
    reset: 'Look at the log of the proxy or load balancer: it closes the connection.',
    'no-route': 'Run the doctor from a machine that reaches the address, such as one outside your network.',
    'headers-too-large': 'Look at what answers: no endpoint for Slack sends that many headers.',
    'not-http': 'Check what listens on port 443.',
  };
  return fail(describeFailure(failure), hints[failure.kind] ?? 'Check what listens on port 443.');
}

const lateHints: Readonly<Record<Stage, string>> = {
  connection: 'Check the firewall, the security group and the load balancer: packets to port 443 vanish.',
  handshake: 'Look at what listens on port 443: it takes connections, and then does nothing with them.',
  answer: 'Look at the server behind the load balancer: it takes the request and does not answer.',
};

function judgeWebhook(answer: Answer, host: string): Finding {
  const obstacle = findObstacle(answer, host, webhookPath);
  if (obstacle !== undefined) {
    return fail(
      obstacle,
      `Let POST ${webhookPath} through to Spacelift as it is: without a login, a redirect or a bot check.`,
    );
  }
  const { status } = answer;
  if (status === 404) {
    return fail(
      `${describeAnswer(answer)}: not enabled, not restarted, or the wrong path`,
      `Set the three variables for server, drain and scheduler, restart them, and check that ${webhookPath} is routed to the server (paths are case-sensitive).`,
    );
  }
  if (status === 405) {
    return fail(
      `${describeAnswer(answer)}: POST is not allowed on ${webhookPath}`,
      'Let the load balancer, proxy or firewall pass POST requests on this path.',
    );
  }
  if (status >= 502 && status <= 504) {
    return fail(
      `${describeAnswer(answer)}: the load balancer or proxy reaches no server`,
      'Check that Spacelift’s server runs, and that its health check passes.',
    );
  }
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
  const late = answer.durationMs >= slackPatience ? `, after ${seconds(answer.durationMs)}` : '';
  return pass(`an unsigned POST is answered with ${describeAnswer(answer)}${late}`);
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

async function lookAtRedirectTarget({ network, target: { domain }, probe }: Subject): Promise<Finding> {
  return onEachAddress(network, domain, async ({ place }) => {
    const answer = await probe.redirectTarget(place, domain);
    return answer.answered ? judgeOauth(answer, domain) : noAnswer(answer.failure);
  });
}

/** Spacelift's own host may be private: the person's browser goes there, Slack never does. */
async function lookAtOwnHost(subject: Subject): Promise<Finding> {
  const { domain } = subject.target;
  const unseen = (why: string) =>
    skip(
      `${domain} cannot be seen from here (${why}); it need not be public, only people’s browsers go there`,
    );
  const visits = await subject.network.visit(domain);
  if (visits.length === 0) return unseen('its name does not resolve');
  const answers = await Promise.all(visits.map(({ place }) => subject.probe.redirectTarget(place, domain)));
  const [failed] = answers.filter((answer) => !answer.answered);
  if (failed && !failed.answered) return unseen(describeFailure(failed.failure));
  const finding = await lookAtRedirectTarget(subject);
  return finding.status === 'fail' ? { ...finding, status: 'warn' } : finding;
}

function judgeOauth(answer: Answer, host: string): Finding {
  const { status } = answer;
  if (status === 404) {
    return fail(
      `${describeAnswer(answer)}: not enabled, not restarted, or the wrong path`,
      `Set the three variables, restart Spacelift’s server, and check that ${oauthPath} is routed to it.`,
    );
  }
  if (status === 405) {
    return fail(
      `${describeAnswer(answer)}: GET is not allowed on ${oauthPath}`,
      'Let the load balancer, proxy or firewall pass GET requests on this path: browsers come back to it.',
    );
  }
  if (status >= 502 && status <= 504) {
    return fail(
      `${describeAnswer(answer)}: the load balancer or proxy reaches no server`,
      'Check that Spacelift’s server runs, and that its health check passes.',
    );
  }
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
