// Sends a fixed number of requests, and measures what the server needed for them.
import { once } from 'node:events';
import { connect } from 'node:net';
import { cpuSeconds } from './server-process.js';

/** How many connections there are if nothing else is said. */
export const connections = 64;

/**
 * Sends requests over connections, on each one as soon as the response to the last has arrived.
 *
 * @param {{ port: number, pid: number }} server
 * @param {readonly string[]} requests as they go over a connection; more than there are connections
 * @param {number} [count] of connections
 * @returns {Promise<{ perSecond: number, perCpuSecond: number, rejected: number }>}
 */
export async function loadServer({ port, pid }, requests, count = connections) {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    // Until each connection has had a response, part of the work is to accept it.
    await exchangeAll(sockets, requests.slice(0, count));
    const counted = requests.slice(count);
    const began = performance.now();
    const before = await cpuSeconds(pid);
    const statuses = await exchangeAll(sockets, counted);
    const seconds = (performance.now() - began) / 1000;
    return {
      perSecond: counted.length / seconds,
      perCpuSecond: counted.length / ((await cpuSeconds(pid)) - before),
      rejected: statuses.filter((status) => status !== 200).length / counted.length,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** @returns the status of each response */
async function exchangeAll(sockets, requests) {
  const statuses = [];
  let next = 0;
  const exchangeOnOne = async (socket) => {
    while (next < requests.length) statuses.push(await exchange(socket, requests[next++]));
  };
  await Promise.all(sockets.map(exchangeOnOne));
  return statuses;
}

/** @returns the status of the response */
function exchange(socket, request) {
  return new Promise((resolve, reject) => {
    let response = '';
    const onData = (data) => {
      response += data.latin1Slice();
      if (!isComplete(response)) return;
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(Number(response.slice(9, 12)));
    };
    const onClose = () => reject(new Error(`connection closed after ${JSON.stringify(response)}`));
    socket.on('data', onData);
    socket.on('close', onClose);
    socket.write(request, 'latin1');
  });
}

function isComplete(response) {
  const end = response.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(response) ?? [];
  return length === undefined
    ? response.endsWith('\r\n0\r\n\r\n')
    : response.length === end + 4 + Number(length);
}
