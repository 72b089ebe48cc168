// What the operations that no request can do without take on this machine, one after the other: flushes of the disk,
// signatures, and round trips over loopback.
import { createHmac, createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { spread } from './spread.js';
import { makeFolder } from './starts.js';
import { spreadCell, table } from './table.js';

const turnMs = 100;
const body = Buffer.alloc(600, 'a');

/** @param {{ turns?: number }} [options] */
export async function measureLimits({ turns = 9 } = {}) {
  return {
    turns,
    flushes: measureFlushes(turns),
    signatures: measureSignatures(turns),
    roundTrips: await measureRoundTrips(turns),
  };
}

/** The result as a table in Markdown. */
export function formatLimits({ flushes, signatures, roundTrips }) {
  return table(
    ['operation, one after the other', 'a second'],
    [
      ['write and `fsync` of 4 KiB', spreadCell(flushes)],
      ['HMAC-SHA256 of a slash command', spreadCell(signatures)],
      ['one read and one write, client in the same process', spreadCell(roundTrips)],
    ],
  );
}

function measureFlushes(turns) {
  const folder = makeFolder();
  const file = openSync(join(folder, 'journal'), 'w');
  const page = Buffer.alloc(4_096);
  try {
    return rates(turns, () => {
      writeSync(file, page, 0, page.length, 0);
      fsyncSync(file);
    });
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

function measureSignatures(turns) {
  const key = createSecretKey('bench-signing-secret', 'utf8');
  return rates(turns, () => createHmac('sha256', key).update('v0:1700000000:').update(body).digest('hex'));
}

/** Calls a second. */
function rates(turns, work) {
  return spread(
    Array.from({ length: turns }, () => {
      const start = performance.now();
      let count = 0;
      for (; performance.now() - start < turnMs; count += 1) work();
      return (count / (performance.now() - start)) * 1_000;
    }),
  );
}

/** Round trips a second of 600 bytes and 1,000 bytes over one connection, without HTTP. */
async function measureRoundTrips(turns) {
  const answer = Buffer.alloc(1_000, 'b');
  const server = createServer((socket) => socket.on('data', () => socket.write(answer)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect(server.address().port, '127.0.0.1');
  const found = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const start = performance.now();
    let count = 0;
    for (; performance.now() - start < turnMs; count += 1) {
      socket.write(body);
      await once(socket, 'data');
    }
    found.push((count / (performance.now() - start)) * 1_000);
  }
  socket.destroy();
  server.close();
  return spread(found);
}
