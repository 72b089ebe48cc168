import { createHmac, timingSafeEqual } from 'node:crypto';
import { fields, identifier } from '../fields.ts';
import { type Answer, json, type Route } from '../http/exchange.ts';
import type { RequestHeaders } from '../http/headers.ts';

/**
 * `POST /webhooks/spacelift`: a named webhook of Spacelift's, verified by `X-Signature-256` as GitHub signs its own:
 * `sha256=` and the hexadecimal HMAC-SHA256 of the raw body. Spacelift signs no time, so an old one cannot be told.
 * What it says is logged; it is not passed on to channels. Never 5xx: Spacelift would switch the webhook off.
 */
export function spaceliftWebhook(secret: string): Route {
  return { method: 'POST', path: '/webhooks/spacelift', handle: ({ headers, body }) => take(headers, body) };

  function take(headers: RequestHeaders, body: Buffer): Answer {
    const [signature = '', ...more] = headers.values('x-signature-256');
    const note = { kind: 'spacelift', verdict: 'rejected' };
    if (signature === '' || more.length > 0 || !isSignatureOf(body, signature)) {
      const reason =
        signature === '' ? 'signature-missing' : more.length > 0 ? 'signature-repeated' : 'signature-wrong';
      return json(401, { error: 'invalid_signature' }, { ...note, reason });
    }
    const payload = parse(body);
    if (!payload) {
      return json(
        400,
        { error: 'malformed_request' },
        { ...note, verdict: 'refused', reason: 'no JSON object' },
      );
    }
    const stack = identifier(fields(payload['stack'])?.['id']);
    const state = identifier(payload['state']);
    return {
      status: 200,
      note: {
        kind: 'spacelift',
        who: identifier(payload['account']),
        what: [stack, state].filter((part) => part !== undefined).join(' ') || undefined,
        verdict: 'acknowledged, not delivered',
      },
    };
  }

  function isSignatureOf(body: Buffer, signature: string): boolean {
    const right = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
    const given = Buffer.from(signature);
    return given.length === right.length && timingSafeEqual(given, right);
  }
}

function parse(body: Buffer) {
  try {
    return fields(JSON.parse(body.toString()));
  } catch {
    return undefined;
  }
}
