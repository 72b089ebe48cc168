// What loads a relay, one request at a time.
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { signedCommand } from '../serve/requests.js';

let commands = 0;

/** A command. No two are the same: the relay forwards each signed request once. */
export const command = () => signedCommand(++commands);

/** Posts a request. @returns how long it took to the end of the answer; rejects on any status but 200 */
export function post(port, { body, headers }, { agent, signal }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const outgoing = request(
      { port, host: '127.0.0.1', path: '/webhooks/slack', method: 'POST', headers, agent, signal },
      (response) => {
        response.resume();
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve({ milliseconds: performance.now() - began });
          else reject(new Error(`HTTP ${response.statusCode}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Resolves when a server answers. */
export async function ready(port) {
  const began = performance.now();
  for (;;) {
    try {
      await post(port, command(), { agent: undefined });
      return;
    } catch (error) {
      if (performance.now() - began > 20_000) throw error;
      await setTimeout(20);
    }
  }
}
