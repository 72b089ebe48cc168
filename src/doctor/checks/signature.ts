import { randomBytes } from 'node:crypto';
import { describeFailure } from '../../net/connection-failure.ts';
import { slackPatience } from '../../trigger/verdict.ts';
import { type Check, type Finding, fail, pass, skip, warn } from '../check.ts';
import { onEachAddress } from '../probe/each-address.ts';
import type { Answer, Exchange } from '../probe/exchange.ts';
import type { Place } from '../probe/handshake.ts';
import { describeAnswer, findObstacle, isPage } from '../probe/page.ts';
import { type ChallengeOutcome, isRefusal, type Seal, webhookPath } from '../probe/slack-probe.ts';
import type { Subject } from '../subject.ts';
import { findActualSecret } from './wrong-secret.ts';

const signature = { network: true, looksAfter: ['dns.resolves', 'dns.public'] } as const;

/** Twice what Slack's documentation allows. */
const staleSeconds = 600;

export const signatureChecks: readonly Check[] = [
  {
    ...signature,
    id: 'signature.challenge',
    needs: ['env.signing-secret', 'webhook.reachable', 'clock.skew'],
    run: (subject) => withSecret(subject, (place, secret) => judgeChallenge(subject, place, secret)),
  },
  {
    ...signature,
    id: 'signature.form',
    needs: ['signature.challenge'],
    run: (subject) =>
      withSecret(subject, async (place, secret) => {
        const [right, wrong, unsigned, { exchange: challenge }] = await Promise.all([
          subject.probe.form(place, { secret, offsetSeconds: 0 }),
          subject.probe.form(place, forged()),
          subject.probe.unsignedForm(place),
          subject.probe.freshChallenge(place, secret),
        ]);
        // One kind alone may be late for a reason: frameworks wait for a handler, firewalls hold up what is not signed.
        if (!isLate(challenge) && [right, wrong, unsigned].every(isLate)) {
          return fail(
            'no form is answered within 3 s, whoever signed it, although JSON is',
            'Look at what handles forms on the way, and at the log of the server: commands and buttons come as forms.',
          );
        }
        return judgeForms(right, wrong, subject.target.webhookDomain);
      }),
  },
  {
    ...signature,
    id: 'signature.rejects-forged',
    needs: ['webhook.reachable'],
    run: (subject) =>
      onEachPlace(subject, async (place) =>
        judgeRejection(await subject.probe.challenge(place, forged()), 'signed with a random secret'),
      ),
  },
  {
    ...signature,
    id: 'signature.rejects-unsigned',
    needs: ['webhook.reachable'],
    run: (subject) =>
      onEachPlace(subject, async (place) =>
        judgeRejection(await subject.probe.challenge(place, 'unsigned'), 'without a signature'),
      ),
  },
  {
    ...signature,
    id: 'signature.rejects-stale',
    needs: ['signature.challenge'],
    run: (subject) =>
      withSecret(subject, async (place, secret) => {
        const [old, early] = await Promise.all([
          subject.probe.challenge(place, { secret, offsetSeconds: -staleSeconds }),
          subject.probe.challenge(place, { secret, offsetSeconds: staleSeconds }),
        ]);
        return judgeStale(old, early);
      }),
  },
];

function onEachPlace(subject: Subject, look: (place: Place) => Promise<Finding>): Promise<Finding> {
  return onEachAddress(subject.network, subject.target.webhookDomain, ({ place }) => look(place));
}

async function withSecret(
  subject: Subject,
  look: (place: Place, secret: string) => Promise<Finding>,
): Promise<Finding> {
  const { signingSecret } = subject.credentials;
  if (signingSecret === undefined) {
    return skip(
      'there is no signing secret here to sign with',
      'Set SLACK_SECRET, or name the file that holds it with --env-file.',
    );
  }
  return onEachPlace(subject, (place) => look(place, signingSecret));
}

function forged(): Seal {
  return { secret: randomBytes(16).toString('hex'), offsetSeconds: 0 };
}

async function judgeChallenge(subject: Subject, place: Place, secret: string): Promise<Finding> {
  const outcome = await subject.probe.freshChallenge(place, secret);
  if (outcome.kind === 'returned') return pass('the challenge came back');
  const { exchange } = outcome;
  if (!exchange.answered) {
    return fail(describeFailure(exchange.failure), 'Look at the log of the server for this time.');
  }
  if (outcome.kind === 'refused') {
    const actual = await findActualSecret(subject, place, secret);
    if (actual) return fail(`refused with ${exchange.status}: ${actual.detail}`, actual.hint);
    if (isPage(exchange)) {
      return fail(
        `a rightly signed challenge is refused with ${describeAnswer(exchange)}: a firewall or proxy in front, by the look of it`,
        'Let signed requests through to Spacelift as they are; where the page is Spacelift’s own, compare SLACK_SECRET here and there.',
      );
    }
    const otherwise = exchange.status === 400 ? ', or it does not understand the challenge' : '';
    return fail(
      `a rightly signed challenge is refused with ${describeAnswer(exchange)}: SLACK_SECRET here is not what the deployment verifies with${otherwise}`,
      'Compare both with the Signing Secret under Basic Information (not the Client Secret), and restart server, drain and scheduler after a change; a firewall that refuses such requests looks the same.',
    );
  }
  const obstacle = findObstacle(exchange, subject.target.webhookDomain, webhookPath);
  if (obstacle !== undefined) {
    return fail(obstacle, 'Let JSON requests through to Spacelift as they are, like forms.');
  }
  return fail(
    exchange.status === 200
      ? 'answered with 200, but with another body than the challenge'
      : `a rightly signed challenge is answered with ${describeAnswer(exchange)}`,
    `Slack wants 200 and the value of "challenge" back from ${webhookPath}; look at the server's log for this time.`,
  );
}

/** True where Slack would have given up. */
function isLate(exchange: Exchange): boolean {
  return !exchange.answered || exchange.durationMs >= slackPatience;
}

/** Whether a kind of request is not let through. 404 is also what frameworks say to a form with nothing in it. */
function isNotTaken(right: Answer, wrong: Exchange): boolean {
  return [405, 413, 415].includes(right.status) || ([404, 410].includes(right.status) && !isRefusal(wrong));
}

function judgeForms(right: Exchange, wrong: Exchange, host: string): Finding {
  const obstacle = right.answered ? findObstacle(right, host, webhookPath) : undefined;
  if (obstacle !== undefined) {
    return fail(
      `a signed form does not arrive, although JSON does: ${obstacle}`,
      'Let forms through to Spacelift as they are, like JSON: commands and buttons come in them.',
    );
  }
  if (right.answered && isRefusal(right)) {
    return isPage(right)
      ? fail(
          `a rightly signed form is refused with ${describeAnswer(right)}, although JSON passes: a firewall or proxy in front, by the look of it`,
          'Let forms through to Spacelift as they are, like JSON: commands and buttons come in them.',
        )
      : fail(
          `a rightly signed form is refused with ${right.status}, although JSON passes: its body is changed on the way, or a relay passes it on to a Spacelift with another secret`,
          'Have the proxy or framework hand the form over byte for byte, before any parser; behind a relay, compare its SLACK_SECRET with Spacelift’s. Commands and buttons come as forms, and all fail.',
        );
  }
  if (wrong.answered && wrong.status >= 200 && wrong.status < 300) {
    return fail(
      `a form that is signed with a random secret is accepted with ${describeAnswer(wrong)}`,
      'Verify the signature of forms too: whoever knows the URL can send commands.',
    );
  }
  if (right.answered && isNotTaken(right, wrong)) {
    return fail(
      `forms are not taken: ${describeAnswer(right)}`,
      'Let application/x-www-form-urlencoded through: commands and buttons come in it.',
    );
  }
  if (right.answered && right.status === 429) {
    return warn(
      `a signed form is answered with ${describeAnswer(right)}: a rate limit`,
      'Exempt the path: Slack’s requests come from few addresses.',
    );
  }
  const told = (exchange: Exchange) =>
    exchange.answered
      ? `is answered with ${describeAnswer(exchange)}`
      : `gets no answer (${describeFailure(exchange.failure)})`;
  const answers = `a signed form ${told(right)}, a forged one ${told(wrong)}`;
  const unlike = isRefusal(wrong) || (right.answered && wrong.answered && right.status !== wrong.status);
  if (unlike && right.answered && right.status < 500) return pass(answers);
  return warn(
    unlike ? answers : `${answers}: nothing tells that forms are verified`,
    'Try a command in Slack, and look at the log of the server; behind a relay, see whether Spacelift answers.',
  );
}

function judgeRejection({ kind, exchange }: ChallengeOutcome, what: string): Finding {
  if (kind === 'returned') {
    return fail(
      `a challenge ${what} is answered as if it were Slack's`,
      'Verify the signature of every request before it is looked at: whoever knows the URL can pose as Slack.',
    );
  }
  if (!exchange.answered) {
    return warn(
      `a challenge ${what}: ${describeFailure(exchange.failure)}`,
      'Refuse such a request with 401 at once.',
    );
  }
  const answer = `a challenge ${what} is answered with ${describeAnswer(exchange)}`;
  if (exchange.status >= 400 && exchange.status < 500) return pass(answer);
  return warn(answer, 'Refuse such a request with 401, so that it shows in logs and metrics.');
}

function judgeStale(old: ChallengeOutcome, early: ChallengeOutcome): Finding {
  const minutes = staleSeconds / 60;
  const finding = judgeRejection(old, `that is ${minutes} minutes old`);
  if (finding.status === 'fail') {
    return fail(
      `a request that is ${minutes} minutes old is accepted`,
      'Refuse a timestamp that is more than five minutes off: a request that was recorded can be sent again.',
    );
  }
  if (finding.status === 'pass' && early.kind === 'returned') {
    return warn(
      `a request from ${minutes} minutes ahead is accepted; an old one is refused`,
      'Refuse timestamps that lie more than five minutes ahead too; some frameworks, among them Bolt, do not.',
    );
  }
  return finding;
}
