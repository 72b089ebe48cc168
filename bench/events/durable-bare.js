// The least that a server can do that keeps events: node:http, the signature, and one append for the events that wait, with
// the same flushes of the disk as one commit of `serve` to SQLite. It knows no event twice, and reads nothing again.
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { readVerifiedBody } from '../serve/verified-body.js';

const [folder] = process.argv.slice(2);
const events = await open(join(folder, 'events'), 'a');
const journal = await open(join(folder, 'journal'), 'w');
const directory = await open(folder, 'r');
const page = Buffer.alloc(4_096);
const header = Buffer.alloc(512);

/** The flushes are those that `strace -e fsync` shows for SQLite with a truncated journal and full synchronisation. */
async function commit(bodies) {
  await journal.write(page, 0, page.length, header.length);
  await journal.sync();
  await directory.sync();
  await journal.write(header, 0, header.length, 0);
  await journal.sync();
  await events.appendFile(Buffer.concat(bodies));
  await events.sync();
  await journal.truncate(0);
  await journal.sync();
}

let waiting = [];
let running = false;

async function keep() {
  running = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await commit(group.map(({ body }) => body));
    for (const { response } of group) response.writeHead(200, { 'Content-Length': 0 }).end();
  }
  running = false;
}

const server = createServer((request, response) => {
  readVerifiedBody(request, (body) => {
    if (body === undefined) {
      response.writeHead(401, { 'Content-Length': 0 }).end();
      return;
    }
    waiting.push({ body, response });
    // Requests that were read in this turn of the event loop join the first group.
    if (!running) setImmediate(() => running || keep());
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
