// @ts-check
import { Agent } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { quantile } from '../pairs.js';
import { signedEvent } from '../serve/requests.js';
import { post } from './load.js';

const slackWaitsMs = 3_000;
const workspaces = 50;

let sent = 0;

/**
 * Sends events at a fixed rate, whatever the server does, and gives up each after the 3 s that Slack waits.
 *
 * @param {number} port
 * @param {number} rate in events a second
 * @param {number} seconds
 * @returns {Promise<{ offered: number, stored: number, refused: number, lost: number, p99: number }>} events a second: sent,
 * with a 200, with a 503, and without a response in time; and the 99th percentile of the time to a 200, in milliseconds
 */
export async function offerEvents(port, rate, seconds) {
  const agent = new Agent({ keepAlive: true });
  const sending = [];
  const began = performance.now();
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - began) / 1000) {
    while (sending.length < elapsed * rate) sending.push(send(port, agent));
    await setTimeout(10);
  }
  const results = await Promise.all(sending);
  agent.destroy();
  const rateOf = (/** @type {string} */ kind) =>
    results.filter(({ result }) => result === kind).length / seconds;
  const times = results.filter(({ result }) => result === 'stored').map(({ milliseconds }) => milliseconds);
  return {
    offered: results.length / seconds,
    stored: rateOf('stored'),
    refused: rateOf('refused'),
    lost: rateOf('lost'),
    p99: quantile(times, 0.99) ?? Number.NaN,
  };
}

/**
 * @param {number} port
 * @param {Agent} agent
 */
async function send(port, agent) {
  const number = sent++;
  const began = performance.now();
  const request = signedEvent(`Ev${number}`, `T${number % workspaces}`);
  const result = await post(port, request, { agent, signal: AbortSignal.timeout(slackWaitsMs) }).then(
    () => 'stored',
    (error) => (error.message === 'HTTP 503' ? 'refused' : 'lost'),
  );
  return { result, milliseconds: performance.now() - began };
}
