// What no server can exceed on this machine: flushes of the disk, signatures, and requests that are only read and
// answered over loopback. Run with: npm run bench:limits
import { createHmac, createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { median } from './pairs.js';
import { makeFolder } from './starts.js';

/** Calls of `work` a second: the median of nine turns of 100 ms. */
function rate(work) {
  const rates = Array.from({ length: 9 }, () => {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < 100) {
      work();
      count += 1;
    }
    return (count / (performance.now() - start)) * 1_000;
  });
  return Math.round(median(rates));
}

const folder = makeFolder();
const file = openSync(join(folder, 'journal'), 'w');
const page = Buffer.alloc(4_096);
const flushes = rate(() => {
  writeSync(file, page, 0, page.length, 0);
  fsyncSync(file);
});
closeSync(file);
rmSync(folder, { recursive: true });

const key = createSecretKey('bench-signing-secret', 'utf8');
const body = Buffer.alloc(600, 'a');
const signatures = rate(() => createHmac('sha256', key).update('v0:1700000000:').update(body).digest('hex'));

/** Round trips a second of 600 bytes and 1,000 bytes over one connection, without HTTP. */
async function roundTrips() {
  const answer = Buffer.alloc(1_000, 'b');
  const server = createServer((socket) => socket.on('data', () => socket.write(answer)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect(server.address().port, '127.0.0.1');
  const count = 5_000;
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    socket.write(body);
    await once(socket, 'data');
  }
  socket.destroy();
  server.close();
  return Math.round((count / (performance.now() - start)) * 1_000);
}

console.log('| limit | a second |\n|---|---:|');
console.log(`| write and fsync of 4 KiB | ${flushes} |`);
console.log(`| HMAC-SHA256 of a slash command | ${signatures} |`);
console.log(
  `| one read and one write a request, one connection, client in the same process | ${await roundTrips()} |`,
);
