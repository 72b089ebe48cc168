import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** How far a request's timestamp may lie from our clock, in seconds, either way (Slack: Verifying requests). */
export const maxSkewSeconds = 300;

const timestampForm = /^(?:0|[1-9][0-9]{0,14})$/;
const signatureForm = /^v0=[0-9a-f]{64}$/;

/**
 * A signing secret made ready for many requests: given as text, Node makes a key of it for each.
 *
 * @param signingSecret used as UTF-8 text; Slack's own example is not hexadecimal
 * @throws Error where it is empty: anybody could sign with that
 */
export function signingKey(signingSecret: string): KeyObject {
  if (signingSecret === '') throw new Error('an empty signing secret');
  return createSecretKey(signingSecret, 'utf8');
}

/**
 * The value of `X-Slack-Signature` for a body (Slack: Verifying requests from Slack).
 *
 * @param signingSecret as text or as {@link signingKey} has made it
 * @param timestamp the text of `X-Slack-Request-Timestamp`, Unix seconds
 * @param body the raw bytes, or text that is sent as UTF-8
 */
export function sign(
  signingSecret: string | KeyObject,
  timestamp: string,
  body: Uint8Array | string,
): string {
  const mac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body);
  return `v0=${mac.digest('hex')}`;
}

/** Why a request was refused. Only the log may say it: the caller learns nothing but 401. */
export type Refusal =
  | {
      readonly reason: 'signature-missing' | 'signature-repeated' | 'signature-malformed' | 'signature-wrong';
    }
  | { readonly reason: 'timestamp-missing' | 'timestamp-repeated' | 'timestamp-malformed' }
  /** `skewSeconds` is the request's time less ours: negative for an old request. */
  | { readonly reason: 'timestamp-stale'; readonly skewSeconds: number };

export type Verdict =
  /** `secret` is the index in `signingKeys` of the one that fits. */
  { readonly valid: true; readonly secret: number } | ({ readonly valid: false } & Refusal);

export interface SignedRequest {
  /** Every value of `X-Slack-Signature` that came; one is right. */
  readonly signatures: readonly string[];
  /** Every value of `X-Slack-Request-Timestamp` that came; one is right. */
  readonly timestamps: readonly string[];
  /** The body's bytes as they came, before any parsing. */
  readonly body: Uint8Array;
}

/**
 * Tells whether Slack made a request, and not longer than five minutes ago.
 *
 * @param signingKeys the current one, and the previous one while it is being rotated
 * @param nowSeconds our clock, Unix seconds
 */
export function verify(
  request: SignedRequest,
  signingKeys: readonly KeyObject[],
  nowSeconds: number,
): Verdict {
  const [timestamp, ...moreTimestamps] = request.timestamps;
  if (timestamp === undefined) return { valid: false, reason: 'timestamp-missing' };
  if (moreTimestamps.length > 0) return { valid: false, reason: 'timestamp-repeated' };
  if (!timestampForm.test(timestamp)) return { valid: false, reason: 'timestamp-malformed' };

  const [signature, ...moreSignatures] = request.signatures;
  if (signature === undefined) return { valid: false, reason: 'signature-missing' };
  if (moreSignatures.length > 0) return { valid: false, reason: 'signature-repeated' };
  if (!signatureForm.test(signature)) return { valid: false, reason: 'signature-malformed' };

  const skewSeconds = Number(timestamp) - nowSeconds;
  if (Math.abs(skewSeconds) > maxSkewSeconds) return { valid: false, reason: 'timestamp-stale', skewSeconds };

  const given = Buffer.from(signature, 'latin1');
  const secret = signingKeys.findIndex((key) =>
    timingSafeEqual(given, Buffer.from(sign(key, timestamp, request.body), 'latin1')),
  );
  return secret === -1 ? { valid: false, reason: 'signature-wrong' } : { valid: true, secret };
}
