import { randomBytes } from 'node:crypto';
import { tool } from '../../package.ts';
import { sign } from '../../slack/signature.ts';
import { slackUserAgent } from '../../slack/user-agent.ts';
import { echoesChallenge } from '../../trigger/verdict.ts';
import type { Redactor } from '../redactor.ts';
import type { Peer } from './handshake.ts';
import type { HttpRequest, ProbeResult } from './http-request.ts';
import type { Network } from './network.ts';
import type { Turn } from './pacing.ts';

export const webhookPath = '/webhooks/slack';
export const oauthPath = '/slack_oauth';

/** How a request is signed: with a secret at a time that lies so many seconds from now, or not at all. */
type Signing =
  | {
      readonly secret: string;
      readonly offsetSeconds: number;
      /** What is signed, if that is not the body. */
      readonly over?: string;
    }
  | 'unsigned';

export type ChallengeResult =
  /** The challenge came back as Slack requires it. */
  | { readonly kind: 'returned'; readonly response: ProbeResult }
  /** 401 or 403, or 400: the request is well-formed, so only its signature can be meant. */
  | { readonly kind: 'rejected'; readonly response: ProbeResult }
  | { readonly kind: 'other'; readonly response: ProbeResult };

/**
 * How a challenge is written. `unusual` is JSON that a gateway writes in another way when it parses and serialises it,
 * as events are full of: escapes that are not needed, blanks, a number with many digits.
 */
type JsonStyle = 'unusual' | 'plain';

interface ChallengeOptions {
  readonly style?: JsonStyle;
  readonly turn?: Turn;
}

/**
 * The only requests that doctor ever sends to a deployment. Each is one that no server can act on: a challenge, or a
 * form without a command or payload. They carry Slack's User-Agent, so that they meet what Slack meets, except for one
 * that is compared with another, and for the visit of a browser.
 */
export interface SlackProbe {
  /** A `url_verification` with a random challenge (Slack: Using the Events API, URL verification handshake). */
  challenge(peer: Peer, signing: Signing, options?: ChallengeOptions): Promise<ChallengeResult>;
  /** The challenge as Slack would send it now. Sent once to each peer, however many checks need the response. */
  freshChallenge(peer: Peer, secret: string): Promise<ChallengeResult>;
  /** The challenge signed with a random secret; sent once to each peer. */
  forgedChallenge(peer: Peer): Promise<ChallengeResult>;
  /** The challenge without a signature; sent once to each peer. */
  unsignedChallenge(peer: Peer): Promise<ChallengeResult>;
  /** A form with neither `command` nor `payload`. */
  form(peer: Peer, signing: Signing, turn?: Turn): Promise<ProbeResult>;
  /** The form signed with a random secret. */
  forgedForm(peer: Peer): Promise<ProbeResult>;
  /** The form without a signature; sent once to each peer. */
  unsignedForm(peer: Peer): Promise<ProbeResult>;
  /** The unsigned form with one thing that is not as in the others. */
  unsignedFormWith(peer: Peer, change: 'own User-Agent' | 'client certificate'): Promise<ProbeResult>;
  /** The unsigned form to a path beside the endpoint's that has no route; sent once to each peer. */
  unroutedForm(peer: Peer): Promise<ProbeResult>;
  /** The address that a browser returns to from Slack, without a code. */
  redirectTarget(peer: Peer, host: string): Promise<ProbeResult>;
}

/**
 * @param host the one that Slack calls
 * @param redactor learns every signature that is made
 */
export function createSlackProbe(
  network: Pick<Network, 'send'>,
  host: string,
  redactor: Redactor,
  now: () => number,
): SlackProbe {
  const post = (body: string, contentType: string, signing: Signing): HttpRequest => {
    const headers = { 'Content-Type': contentType, 'User-Agent': slackUserAgent, Accept: '*/*' };
    const message = { method: 'POST', host, path: webhookPath, body } as const;
    if (signing === 'unsigned') return { ...message, headers };
    const timestamp = String(Math.floor(now() / 1000) + signing.offsetSeconds);
    const signature = sign(signing.secret, timestamp, signing.over ?? body);
    redactor.add(signature);
    redactor.add(signature.replace('v0=', ''));
    const proof = { 'X-Slack-Request-Timestamp': timestamp, 'X-Slack-Signature': signature };
    return { ...message, headers: { ...headers, ...proof } };
  };

  const challenge: SlackProbe['challenge'] = async (peer, signing, { style = 'unusual', turn } = {}) => {
    const value = randomBytes(24).toString('hex');
    const body = challengeBodies[style](value);
    const response = await network.send(peer, post(body, 'application/json', signing), {
      ...(turn && { turn }),
    });
    if (!response.responded) return { kind: 'other', response };
    if (response.status === 200 && echoesChallenge(response.body, value))
      return { kind: 'returned', response };
    return { kind: isRejection(response) || response.status === 400 ? 'rejected' : 'other', response };
  };
  const form: SlackProbe['form'] = (peer, signing, turn) =>
    network.send(peer, formRequest(signing), { ...(turn && { turn }) });
  // Blanks, a plus sign and non-ASCII text: what a proxy that re-encodes forms writes in another way.
  const formRequest = (signing: Signing) =>
    post(
      `spacelift_slack_doctor=a+b%20c%2Bd%2ae%c3%a9~&nonce=${randomBytes(8).toString('hex')}&empty=`,
      'application/x-www-form-urlencoded',
      signing,
    );
  const forged = () => ({ secret: randomBytes(16).toString('hex'), offsetSeconds: 0 });

  return {
    challenge,
    freshChallenge: oncePerPeer((peer, secret: string) => challenge(peer, { secret, offsetSeconds: 0 })),
    forgedChallenge: oncePerPeer((peer) => challenge(peer, forged())),
    unsignedChallenge: oncePerPeer((peer) => challenge(peer, 'unsigned')),
    form,
    forgedForm: (peer) => form(peer, forged()),
    unsignedForm: oncePerPeer((peer) => form(peer, 'unsigned')),
    unsignedFormWith(peer, change) {
      const message = formRequest('unsigned');
      if (change === 'client certificate') return network.send(peer, message, { showCertificate: true });
      return network.send(peer, { ...message, headers: { ...message.headers, 'User-Agent': ownUserAgent } });
    },
    unroutedForm: oncePerPeer((peer) => {
      const path = webhookPath.replace(/[^/]+$/, randomBytes(8).toString('hex'));
      return network.send(peer, { ...formRequest('unsigned'), path }, { turn: 'at once' });
    }),
    redirectTarget: (peer, browserHost) =>
      network.send(peer, {
        method: 'GET',
        host: browserHost,
        path: oauthPath,
        headers: { 'User-Agent': ownUserAgent, Accept: 'text/html,*/*' },
      }),
  };
}

const challengeBodies: Readonly<Record<JsonStyle, (challenge: string) => string>> = {
  unusual: (challenge) =>
    `{ "token":"spacelift-slack-doctor",  "challenge":"${challenge}","type" : "url_verification", ` +
    '"ignored":{"slashes":"https:\\/\\/example.com\\/","letter":"caf\\u00e9","digits":12345678901234567890,"float":1.0,"list":[ 1,2 ]} }',
  plain: (challenge) =>
    JSON.stringify({ token: 'spacelift-slack-doctor', challenge, type: 'url_verification' }),
};

/** Sends once to each peer, and keeps the response. */
export function oncePerPeer<Rest extends readonly unknown[], Value>(
  send: (peer: Peer, ...rest: Rest) => Value,
): (peer: Peer, ...rest: Rest) => Value {
  const known = new Map<Peer, Value>();
  return (peer, ...rest) => {
    const value = known.get(peer) ?? send(peer, ...rest);
    known.set(peer, value);
    return value;
  };
}

const ownUserAgent = `${tool.name}/${tool.version} (doctor)`;

/** 401 or 403: the two responses that mean "not you". A form of ours may get 400 for what it lacks. */
export function isRejection(response: ProbeResult): boolean {
  return response.responded && (response.status === 401 || response.status === 403);
}
