import type { Place } from '../probe/handshake.ts';
import type { Subject } from '../subject.ts';

interface ActualSecret {
  /** What the deployment verifies with, as a clause. */
  readonly detail: string;
  readonly hint: string;
}

/**
 * A deployment refused our signature: tries the secrets that it verifies with when the usual mistakes were made, so
 * that the mistake can be named. Each try is a signed challenge, nothing else.
 */
export async function findActualSecret(
  { probe, credentials: { clientSecret } }: Pick<Subject, 'probe' | 'credentials'>,
  place: Place,
  signingSecret: string,
): Promise<ActualSecret | undefined> {
  const candidates = [
    ...(clientSecret === undefined || clientSecret === signingSecret ? [] : [swapped(clientSecret)]),
    ...damages(signingSecret),
  ];
  const tried = await Promise.all(
    candidates.map(async (candidate) => ({
      candidate,
      outcome: await probe.challenge(place, { secret: candidate.secret, offsetSeconds: 0 }),
    })),
  );
  return tried.find(({ outcome }) => outcome.kind === 'returned')?.candidate;
}

interface Candidate extends ActualSecret {
  readonly secret: string;
}

function swapped(clientSecret: string): Candidate {
  return {
    secret: clientSecret,
    detail: 'the deployment verifies with the value that stands in SLACK_APP_CLIENT_SECRET here',
    hint: 'Put the Signing Secret into SLACK_SECRET and the Client Secret into SLACK_APP_CLIENT_SECRET, here and there, and restart.',
  };
}

function damages(secret: string): Candidate[] {
  const because = (what: string, hint: string) => ({
    detail: `the deployment's SLACK_SECRET ${what}`,
    hint,
  });
  const lineBreak = because(
    'has a line break at its end',
    'Write it again without one (printf %s instead of echo before base64), and restart server, drain and scheduler.',
  );
  const quotes = because(
    'has quotes around it that became part of the value',
    'Write it again without quotes, and restart server, drain and scheduler.',
  );
  const blank = because(
    'has a blank at its end',
    'Write it again without it, and restart server, drain and scheduler.',
  );
  const encoded = because(
    'is base64 of the value here: it was encoded once too often',
    'Write the plain value under stringData, or encode it once under data, and restart server, drain and scheduler.',
  );
  const trimmed = {
    detail: 'SLACK_SECRET here has blanks around it that the deployment does not have',
    hint: 'Remove them here.',
  };
  return [
    { secret: `${secret}\n`, ...lineBreak },
    { secret: `${secret}\r\n`, ...lineBreak },
    { secret: `${secret} `, ...blank },
    { secret: `"${secret}"`, ...quotes },
    { secret: `'${secret}'`, ...quotes },
    ...[secret, `${secret}\n`].map((text) => ({ secret: Buffer.from(text).toString('base64'), ...encoded })),
    ...(secret.trim() === secret ? [] : [{ secret: secret.trim(), ...trimmed }]),
  ];
}
