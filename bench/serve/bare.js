// The least that a server can do: node:http, the signature, a fixed answer. No limits, no log, no store.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { benchAnswer, benchSecret } from './shared.js';

const answer = JSON.stringify(benchAnswer);
/** Without a length Node would send the answer in chunks, which costs more. */
const length = Buffer.byteLength(answer);

const server = createServer((request, response) => {
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
    response.writeHead(valid ? 200 : 401, {
      'Content-Type': 'application/json',
      'Content-Length': valid ? length : 0,
    });
    response.end(valid ? answer : '');
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
