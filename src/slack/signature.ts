import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** How far a request's timestamp may differ from our clock in either direction, in seconds (Slack: Verifying requests). */
export const maxSkewSeconds = 300;

const timestampPattern = /^(?:0|[1-9][0-9]{0,14})$/;
const signaturePattern = /^v0=[0-9a-f]{64}$/;

/**
 * Makes a key of a signing secret, to be used for many requests: from a text, Node would make one for each request.
 *
 * @param signingSecret used as UTF-8 text, even if it is hexadecimal
 * @throws Error if it is empty: anybody could sign with that
 */
export function signingKey(signingSecret: string): KeyObject {
  if (signingSecret === '') throw new Error('an empty signing secret');
  return createSecretKey(signingSecret, 'utf8');
}

/**
 * The value of `X-Slack-Signature` for a body (Slack: Verifying requests from Slack).
 *
 * @param signingSecret as text or as a {@link signingKey}
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

/** Why a request is rejected. For the log only: the client gets 401 and nothing more. */
export type Rejection =
  | {
      readonly reason: 'signature-missing' | 'signature-repeated' | 'signature-malformed' | 'signature-wrong';
    }
  | { readonly reason: 'timestamp-missing' | 'timestamp-repeated' | 'timestamp-malformed' }
  /** `skewSeconds` is the request's timestamp minus our time: negative for an old request. */
  | { readonly reason: 'timestamp-stale'; readonly skewSeconds: number };

export type Verification =
  /** `secret` is the index in `signingKeys` of the key that matches. */
  { readonly valid: true; readonly secret: number } | ({ readonly valid: false } & Rejection);

export interface SignedRequest {
  /** Every value of `X-Slack-Signature`; exactly one is valid. */
  readonly signatures: readonly string[];
  /** Every value of `X-Slack-Request-Timestamp`; exactly one is valid. */
  readonly timestamps: readonly string[];
  /** The raw bytes of the body. */
  readonly body: Uint8Array;
}

/**
 * Verifies that Slack signed a request, at most five minutes ago.
 *
 * @param signingKeys the current one, and the previous one while it is being rotated
 * @param nowSeconds our clock, Unix seconds
 */
export function verify(
  request: SignedRequest,
  signingKeys: readonly KeyObject[],
  nowSeconds: number,
): Verification {
  const [timestamp, ...moreTimestamps] = request.timestamps;
  if (timestamp === undefined) return { valid: false, reason: 'timestamp-missing' };
  if (moreTimestamps.length > 0) return { valid: false, reason: 'timestamp-repeated' };
  if (!timestampPattern.test(timestamp)) return { valid: false, reason: 'timestamp-malformed' };

  const [signature, ...moreSignatures] = request.signatures;
  if (signature === undefined) return { valid: false, reason: 'signature-missing' };
  if (moreSignatures.length > 0) return { valid: false, reason: 'signature-repeated' };
  if (!signaturePattern.test(signature)) return { valid: false, reason: 'signature-malformed' };

  const skewSeconds = Number(timestamp) - nowSeconds;
  if (Math.abs(skewSeconds) > maxSkewSeconds) return { valid: false, reason: 'timestamp-stale', skewSeconds };

  const given = Buffer.from(signature, 'latin1');
  const secret = signingKeys.findIndex((key) =>
    timingSafeEqual(given, Buffer.from(sign(key, timestamp, request.body), 'latin1')),
  );
  return secret === -1 ? { valid: false, reason: 'signature-wrong' } : { valid: true, secret };
}
