import { createHmac, randomBytes } from 'node:crypto';
import { clientNetwork } from './client-address.ts';

/** Clients share this many counters, so that memory is bounded however many addresses there are. */
const counters = 16_384;

/**
 * Chooses the counter of each client. The choice depends on a key that only this process knows: it cannot be worked out
 * which address shares the counter of another client.
 *
 * @returns for a client's address, the number of its counter, from 0 to 16,383; see {@link clientNetwork}
 */
export function keyedCounters(): (client: string) => number {
  const key = randomBytes(32);
  const counterOf = (client: string) =>
    createHmac('sha256', key).update(clientNetwork(client)).digest().readUInt32BE() % counters;
  // A flood often comes from one address: its counter is not computed for each request.
  let latest: { readonly client: string; readonly counter: number } | undefined;
  return (client) => {
    if (latest?.client !== client) latest = { client, counter: counterOf(client) };
    return latest.counter;
  };
}
