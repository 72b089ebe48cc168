import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** What is sent over a socket: bytes, or a pause in milliseconds. */
export type Step = Uint8Array | string | number;

/**
 * Sends bytes as they are and reads until the server closes the connection.
 *
 * @returns the statuses of the responses, in order
 */
export async function exchangeRaw(port: number, steps: readonly Step[]): Promise<readonly number[]> {
  const text = await readRaw(port, steps);
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}

/** @returns the responses as they were received, each byte as one character */
export async function readRaw(port: number, steps: readonly Step[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  // After a reset, what was received before it counts.
  socket.on('error', () => undefined);
  for (const step of steps) {
    if (socket.destroyed) break;
    if (typeof step === 'number') await setTimeout(step);
    else socket.write(step);
  }
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

/** Sends bytes and resets the connection without waiting for a response. */
export async function abandonRaw(port: number, bytes: Uint8Array | string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  socket.resetAndDestroy();
}
