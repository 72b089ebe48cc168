import { createHmac, timingSafeEqual } from 'node:crypto';
import { benchSecret } from './shared.js';

/**
 * Reads a request as a bare server does, without limits.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {(body: Buffer | undefined) => void} done called with the body; undefined if its signature is wrong or too old
 */
export function readVerifiedBody(request, done) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const timestamp = String(request.headers['x-slack-request-timestamp']);
    const given = Buffer.from(String(request.headers['x-slack-signature']));
    const mac = createHmac('sha256', benchSecret).update(`v0:${timestamp}:`).update(body).digest('hex');
    const right = Buffer.from(`v0=${mac}`);
    const fresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300;
    const valid = fresh && given.length === right.length && timingSafeEqual(given, right);
    done(valid ? body : undefined);
  });
}
