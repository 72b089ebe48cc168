import { expect, it } from 'vitest';
import { findRelayRemark, relayRemark } from '../../src/slack/relay-remark.ts';

const id = '0a1b2c3d-0000-4000-8000-0123456789ab';

it('is found in the middle of a response', () => {
  expect(findRelayRemark(JSON.stringify({ text: `Spacelift is late. ${relayRemark(id)}.` }))).toBe(id);
});

it('is found where it is all of a response', () => {
  expect(findRelayRemark(relayRemark(id))).toBe(id);
});

it.each([
  '',
  id,
  relayRemark('short'),
  relayRemark(`x${id}`),
  relayRemark(id.toUpperCase()),
  relayRemark(id).slice(0, -1),
  relayRemark(id).slice(1),
])('is nothing in %j', (body) => {
  expect(findRelayRemark(body)).toBeUndefined();
});
