import { type Handled, json } from '../http/route.ts';
import type { PayloadOf } from './slack-payload.ts';

/** Responds to what Slack sends to check the endpoint itself, whether or not there is a Spacelift behind it. */
export function handleEndpointCheck(check: PayloadOf<'ssl-check' | 'url-verification'>): Handled {
  const response = check.kind === 'ssl-check' ? { status: 200 } : json(200, { challenge: check.challenge });
  return { response, outcome: { kind: 'responded' } };
}
