import type { PartialCredentials } from '../../environment/credentials.ts';
import type { Peer } from './handshake.ts';
import type { ProbeResult } from './http-request.ts';
import { isRateLimit } from './pacing.ts';
import { isAlike } from './response.ts';
import type { SlackProbe } from './slack-probe.ts';

/** Why a correctly signed challenge is rejected. */
export type RejectionCause =
  /** It is accepted with a time that lies so many seconds from ours. */
  | { readonly kind: 'clock'; readonly offsetSeconds: number }
  /** It is accepted if it is written as any serialiser would write it. */
  | { readonly kind: 'json-rewritten' }
  /** The verifier sees an empty body. */
  | { readonly kind: 'body-dropped' }
  /** The response itself complains about missing headers. */
  | { readonly kind: 'headers-dropped' }
  /** It is accepted when it is signed with another value; `detail` says which, as a clause. */
  | { readonly kind: 'secret'; readonly detail: string; readonly hint: string }
  /** A path without a route gets the same response. */
  | { readonly kind: 'every-path' }
  /** `unsigned`: whether a request without a signature gets the same response. */
  | { readonly kind: 'unknown'; readonly unsigned: 'alike' | 'different' };

/** Ten minutes: beyond what a verifier accepts, and near enough for one whose clock is ten minutes off. */
const skewedSeconds = 600;
/** Every whole hour between the time zones, for a server that mistakes its local time for UTC. */
const timeZoneSeconds = Array.from({ length: 27 }, (_, index) => (index - 12) * 3600).filter(Boolean);

/**
 * Finds out why a correctly signed challenge is rejected, by sending it with one thing changed at a time. Each attempt
 * is a signed challenge, nothing else.
 */
export async function findRejectionCause(
  probe: SlackProbe,
  { clientSecret }: PartialCredentials,
  peer: Peer,
  secret: string,
): Promise<RejectionCause> {
  const { response: rejected } = await probe.freshChallenge(peer, secret);
  const returns = async (value: string, offsetSeconds = 0, style: 'unusual' | 'plain' = 'unusual') =>
    (await probe.challenge(peer, { secret: value, offsetSeconds }, { style })).kind === 'returned';

  const [plain, overNothing, skew, mistakes] = await Promise.all([
    returns(secret, 0, 'plain'),
    probe.challenge(peer, { secret, offsetSeconds: 0, over: '' }),
    acceptedOffset(returns, secret, [-skewedSeconds, skewedSeconds]),
    Promise.all(
      likelyMistakes(secret, clientSecret).map(async (mistake) => ({
        mistake,
        returned: await returns(mistake.secret),
      })),
    ),
  ]);
  if (skew !== undefined) return { kind: 'clock', offsetSeconds: skew };
  if (plain) return { kind: 'json-rewritten' };
  const actual = mistakes.find(({ returned }) => returned)?.mistake;
  if (actual) return { kind: 'secret', detail: actual.detail, hint: actual.hint };
  // Then the server rejects the empty body, or fails on it, and accepts the signature. One server of several may be at
  // fault, so the difference has to last.
  if (hasOtherStatus(overNothing.response, rejected)) {
    const again = await probe.challenge(peer, { secret, offsetSeconds: 0, over: '' });
    if (hasOtherStatus(again.response, rejected)) return { kind: 'body-dropped' };
  }
  if (namesHeaders(rejected)) return { kind: 'headers-dropped' };
  if (isAlike(await probe.unroutedForm(peer), rejected)) return { kind: 'every-path' };
  const zone = await acceptedOffset(returns, secret, timeZoneSeconds);
  if (zone !== undefined) return { kind: 'clock', offsetSeconds: zone };
  const { response: unsigned } = await probe.unsignedChallenge(peer);
  return { kind: 'unknown', unsigned: isAlike(rejected, unsigned) ? 'alike' : 'different' };
}

async function acceptedOffset(
  returns: (secret: string, offsetSeconds: number) => Promise<boolean>,
  secret: string,
  offsets: readonly number[],
): Promise<number | undefined> {
  const attempts = await Promise.all(
    offsets.map(async (offset) => ({ offset, returned: await returns(secret, offset) })),
  );
  return attempts.find(({ returned }) => returned)?.offset;
}

function hasOtherStatus(response: ProbeResult, rejected: ProbeResult): boolean {
  if (!response.responded || !rejected.responded || isRateLimit(response)) return false;
  return response.status !== rejected.status;
}

/** Some verifiers say so in their response when the headers of the signature are missing. */
function namesHeaders(response: ProbeResult): boolean {
  if (!response.responded) return false;
  const { body } = response;
  return /missing/i.test(body) && /header|signature|timestamp/i.test(body) && !/invalid|mismatch/i.test(body);
}

interface Mistake {
  /** The value that the deployment may verify with. */
  readonly secret: string;
  readonly detail: string;
  readonly hint: string;
}

const restart = 'restart server, drain and scheduler';

/** What a deployment verifies with after the usual mistakes. */
function likelyMistakes(secret: string, clientSecret: string | undefined): Mistake[] {
  const deployed = (value: string, what: string, hint: string): Mistake => ({
    secret: value,
    detail: `the deployment's SLACK_SECRET ${what}`,
    hint,
  });
  const lineBreak = [
    'has a line break at its end',
    `Write it again without one (printf %s instead of echo before base64), and ${restart}.`,
  ] as const;
  const quotes = [
    'has quotes around it that became part of the value',
    `Write it again without quotes, and ${restart}.`,
  ] as const;
  const encoded = [
    'is base64 of the value here: it was encoded twice',
    `Write the plain value under stringData, or encode it once under data, and ${restart}.`,
  ] as const;
  return [
    ...(clientSecret === undefined
      ? []
      : [
          {
            secret: clientSecret,
            detail: 'the deployment verifies with the value of SLACK_APP_CLIENT_SECRET here',
            hint: 'Set SLACK_SECRET to the Signing Secret and SLACK_APP_CLIENT_SECRET to the Client Secret, here and on the server, and restart.',
          },
        ]),
    deployed(`${secret}\n`, ...lineBreak),
    deployed(`${secret}\r\n`, ...lineBreak),
    deployed(`${secret} `, 'has a blank at its end', `Write it again without it, and ${restart}.`),
    deployed(`"${secret}"`, ...quotes),
    deployed(`'${secret}'`, ...quotes),
    ...[secret, `${secret}\n`].map((value) => deployed(Buffer.from(value).toString('base64'), ...encoded)),
  ];
}
