import { randomBytes } from 'node:crypto';
import { tool } from '../../package.ts';
import { sign } from '../../slack/signature.ts';
import { echoesChallenge } from '../../trigger/verdict.ts';
import type { Redactor } from '../redactor.ts';
import type { Exchange, Request } from './exchange.ts';
import type { Place } from './handshake.ts';
import type { Network } from './network.ts';

export const webhookPath = '/webhooks/slack';
export const oauthPath = '/slack_oauth';

/** How a request is signed: with a secret at a time that lies so many seconds from now, or not at all. */
export type Seal = { readonly secret: string; readonly offsetSeconds: number } | 'unsigned';

export type ChallengeOutcome =
  /** The challenge came back as Slack wants it. */
  | { readonly kind: 'returned'; readonly exchange: Exchange }
  /** 401 or 403, or 400: the request was well-formed, so that its signature alone can be meant. */
  | { readonly kind: 'refused'; readonly exchange: Exchange }
  | { readonly kind: 'other'; readonly exchange: Exchange };

/**
 * The only requests that ever leave for a deployment. Each is one that no server can act on: a challenge, or a form
 * without a command or payload.
 */
export interface SlackProbe {
  /** A `url_verification` with a random challenge (Slack: Using the Events API, URL verification handshake). */
  challenge(place: Place, seal: Seal): Promise<ChallengeOutcome>;
  /** The challenge as Slack would send it now. Asked once for each place, however many checks look at the answer. */
  freshChallenge(place: Place, secret: string): Promise<ChallengeOutcome>;
  /** A form with neither `command` nor `payload`. */
  form(place: Place, seal: Seal): Promise<Exchange>;
  /** The form without a signature; asked once for each place. */
  unsignedForm(place: Place): Promise<Exchange>;
  /** The address that a browser comes back to, without a code. */
  redirectTarget(place: Place, host: string): Promise<Exchange>;
}

/**
 * @param host what Slack calls
 * @param redactor told of every signature that is made
 */
export function createSlackProbe(
  network: Network,
  host: string,
  redactor: Redactor,
  now: () => number,
): SlackProbe {
  const sealed = (body: string, contentType: string, seal: Seal): Request => {
    const headers = { 'Content-Type': contentType, 'User-Agent': userAgent, Accept: '*/*' };
    const message = { method: 'POST', host, path: webhookPath, body } as const;
    if (seal === 'unsigned') return { ...message, headers };
    const timestamp = String(Math.floor(now() / 1000) + seal.offsetSeconds);
    const signature = sign(seal.secret, timestamp, body);
    redactor.add(signature);
    redactor.add(signature.replace('v0=', ''));
    const proof = { 'X-Slack-Request-Timestamp': timestamp, 'X-Slack-Signature': signature };
    return { ...message, headers: { ...headers, ...proof } };
  };

  const sendChallenge = async (place: Place, seal: Seal): Promise<ChallengeOutcome> => {
    const challenge = randomBytes(24).toString('hex');
    const body = JSON.stringify({ token: 'spacelift-slack-doctor', challenge, type: 'url_verification' });
    const exchange = await network.send(place, sealed(body, 'application/json', seal));
    if (!exchange.answered) return { kind: 'other', exchange };
    if (exchange.status === 200 && echoesChallenge(exchange.body, challenge))
      return { kind: 'returned', exchange };
    return { kind: isRefusal(exchange) || exchange.status === 400 ? 'refused' : 'other', exchange };
  };
  const sendForm = (place: Place, seal: Seal) => {
    // Blanks, a plus sign and non-ASCII text: what a proxy that re-encodes forms would write in another way.
    const body = `spacelift_slack_doctor=a+b%20c%2Bd%2ae%c3%a9~&nonce=${randomBytes(8).toString('hex')}&empty=`;
    return network.send(place, sealed(body, 'application/x-www-form-urlencoded', seal));
  };
  const challenges = new Map<Place, Promise<ChallengeOutcome>>();
  const forms = new Map<Place, Promise<Exchange>>();

  return {
    challenge: sendChallenge,
    freshChallenge: (place, secret) =>
      remembered(challenges, place, () => sendChallenge(place, { secret, offsetSeconds: 0 })),
    form: sendForm,
    unsignedForm: (place) => remembered(forms, place, () => sendForm(place, 'unsigned')),
    redirectTarget: (place, browserHost) =>
      network.send(place, {
        method: 'GET',
        host: browserHost,
        path: oauthPath,
        headers: { 'User-Agent': userAgent, Accept: 'text/html,*/*' },
      }),
  };
}

function remembered<Value>(known: Map<Place, Value>, place: Place, make: () => Value): Value {
  const value = known.get(place) ?? make();
  known.set(place, value);
  return value;
}

const userAgent = `${tool.name}/${tool.version} (doctor)`;

/** 401 or 403: the two answers that mean "not you". A form of ours may get 400 for what it lacks. */
export function isRefusal(exchange: Exchange): boolean {
  return exchange.answered && (exchange.status === 401 || exchange.status === 403);
}
