// The least that a server can do: node:http, the signature, a fixed answer. No limits, no log, no store.
import { createServer } from 'node:http';
import { benchAnswer } from './shared.js';
import { readVerifiedBody } from './verified-body.js';

const answer = JSON.stringify(benchAnswer);
/** Without a length Node would send the answer in chunks, which costs more. */
const length = Buffer.byteLength(answer);

const server = createServer((request, response) => {
  readVerifiedBody(request, (body) => {
    const valid = body !== undefined;
    response.writeHead(valid ? 200 : 401, {
      'Content-Type': 'application/json',
      'Content-Length': valid ? length : 0,
    });
    response.end(valid ? answer : '');
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
